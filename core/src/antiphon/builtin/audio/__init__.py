"""The built-in sources of the user's audio and sinks of the agent's."""

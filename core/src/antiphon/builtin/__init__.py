"""The stages that come with the engine."""

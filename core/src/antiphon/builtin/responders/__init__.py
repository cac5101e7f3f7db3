"""The built-in responders."""

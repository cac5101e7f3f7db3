"""Files of what was measured."""

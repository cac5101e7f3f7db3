"""``antiphon entrain``: one module a command."""

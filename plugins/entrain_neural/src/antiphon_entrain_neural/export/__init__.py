"""Exports a model as step functions with explicit state, for programs that are not Python or have no PyTorch."""

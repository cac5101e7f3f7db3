"""The model, in PyTorch: small modules with explicit state."""

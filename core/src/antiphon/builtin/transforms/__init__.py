"""Transforms of features on their way: the user's before the normaliser, the target's behind the strategy."""

"""Normalisers: they put the user's features on a common scale."""

"""Trains the model on a prepared corpus."""

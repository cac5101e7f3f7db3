"""Registers the implementations of this distribution; imports nothing heavy."""

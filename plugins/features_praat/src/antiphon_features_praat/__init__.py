"""Praat for Antiphon: prosodic features, and a wrapper that gives any voice the prosody it is asked for."""

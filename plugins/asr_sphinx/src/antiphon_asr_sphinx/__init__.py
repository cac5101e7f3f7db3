"""Sphinx for Antiphon: streaming recognition, endpointing, and speaking rate from its dictionary."""

"""Sphinx for Antiphon: streaming recognition, endpointing, and speaking rate from its dictionary."""

from antiphon_asr_sphinx.syllables import count_syllables

__all__ = ["count_syllables"]

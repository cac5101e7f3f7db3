"""Whole studies: what is given, run piece by piece in several processes and resumed; how large one must be."""

"""Readers of time-aligned transcripts: each file becomes segments, who said what and when."""

"""Corpora for Antiphon: turn tables, turns from inter-pausal units, simulated conversations."""

"""The measures of entrainment, one module each, and `everything`, which knows them all."""

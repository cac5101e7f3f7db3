"""Self-contained HTML pages: of what was measured, of one dialogue, of the power of a study."""

"""Makes a corpus of recordings ready for training: measures, augments, checks and caches it."""

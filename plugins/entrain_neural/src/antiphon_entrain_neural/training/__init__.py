"""Training: conversations in batches, the model unrolled over them, and Lightning around it."""

"""How well a model predicts, beside every baseline, and whether the partner's prosody helped it."""

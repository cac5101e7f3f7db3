"""Tacotron 2 for Antiphon: voices whose prosody is controlled, their training, and vocoders."""

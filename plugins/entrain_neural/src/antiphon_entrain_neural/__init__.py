"""Neural entrainment: a model that learns from conversations how a speaker's prosody answers the partner's."""

"""Embeddings of text: word vectors of a file, and contextual ones of a language model."""

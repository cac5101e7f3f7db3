"""The text front end: any text to the symbols that a model reads, the same in training and in speaking."""

"""What any model has to beat, each a `Predictor` fitted on training conversations alone."""

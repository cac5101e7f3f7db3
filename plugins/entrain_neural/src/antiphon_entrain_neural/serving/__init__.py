"""The strategy ``neural``: a trained model in a dialogue, on ONNX Runtime, without PyTorch."""

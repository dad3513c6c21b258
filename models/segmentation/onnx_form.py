"""What the ONNX graph of a segmenter is called inside; read where importing torch would cost seconds."""

FORM = "verisim-segmenter-1"  # in the metadata, under "form"
INPUT = "images"  # uint8 [1, height, width, 3] RGB
# uint8 [1, height, width]; and what they are read from, float32 [1, k, height, width], for answers at another size
OUTPUTS = ("labels", "logits")

"""What the ONNX graph of a segmenter is called inside; read where importing torch would cost seconds."""

FORM = "verisim-segmenter-1"  # in the metadata, under "form"
INPUT = "images"  # uint8 [1, height, width, 3] RGB
OUTPUTS = ("labels",)  # uint8 [1, height, width]

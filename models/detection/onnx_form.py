"""What the ONNX graph of a detector is called inside; read where importing torch would cost seconds."""

FORM = "verisim-detector-1"  # in the metadata, under "form"
INPUT = "images"  # uint8 [1, height, width, 3] RGB
OUTPUTS = ("boxes_xyxy", "scores", "labels")  # float32 [k, 4] in pixels of the input, float32 [k], int64 [k]

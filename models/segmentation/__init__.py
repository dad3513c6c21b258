"""Networks that give every pixel a class: built, trained, applied, evaluated and written as ONNX."""

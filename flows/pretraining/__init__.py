"""The pipeline `pretraining`: start weights from people rendered in random rooms."""

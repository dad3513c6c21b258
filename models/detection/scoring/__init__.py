"""What detections are worth, and where they err."""

"""Two finished runs side by side: what was configured otherwise, what their detectors reached, what they cost."""

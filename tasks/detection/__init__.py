"""Detectors applied and scored: the sets they see, what they find, and what that is worth."""

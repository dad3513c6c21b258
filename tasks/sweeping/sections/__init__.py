"""The thesis's experiments as sections of a sweep's page."""

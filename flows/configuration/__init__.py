"""Configuration files of any pipeline: read, overridden, their mistakes in a line each, and their fields as forms."""

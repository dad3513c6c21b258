"""Soiled versions of any images, with masks; labels that come with them are kept up."""

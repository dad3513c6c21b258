"""Lenses and the camera of a site: from world metres to pixels and back, numpy only."""

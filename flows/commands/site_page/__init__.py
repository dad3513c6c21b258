"""The page of `python -m flows site new`: a photo, what is marked on it, and the site file that follows."""

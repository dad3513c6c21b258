"""Fixed networks that turn images into features, and distances between sets of these."""

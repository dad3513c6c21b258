"""A site file from one photo: what the photo itself says, and what a few marks on it say of the camera."""

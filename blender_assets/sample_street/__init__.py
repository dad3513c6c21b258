"""A procedural street seen from a car, by day, dusk and night, with a class for every pixel; a stand-in, never real."""

"""From day to night: images told apart by their light, and chosen by what they resemble (seed 001)."""

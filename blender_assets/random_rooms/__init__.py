"""Furnished rooms drawn at random, photographed empty: backgrounds for a detector that starts with people anywhere."""

"""Crops around heads: cut, refined, measured, and put back."""

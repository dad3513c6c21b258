"""Scenes with people over a background, rendered by Blender in child processes."""

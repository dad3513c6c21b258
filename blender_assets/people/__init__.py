"""Parametric dressed people in numpy; only the module `materials` imports bpy."""

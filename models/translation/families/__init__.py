"""The families of translators, one a module."""

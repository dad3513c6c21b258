"""Unpaired image translation: one training loop, one family of networks a module."""

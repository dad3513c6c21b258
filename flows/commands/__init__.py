"""The commands of `python -m flows`, one file each."""

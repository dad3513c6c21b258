"""The place: its photos and cameras, versions of it as photos arrive, and stand-ins for it."""

"""Where and in which precision networks run."""

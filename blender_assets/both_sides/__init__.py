"""What both sides of a child process use: how they talk, and how files that people wrote are read."""

"""What stands in a scene: people, furniture, lights and cameras, rendered in child processes of their own."""

"""How a step is built: what decides its identity, the run it belongs to, its child processes and its progress."""

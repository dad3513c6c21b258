"""How Prefect runs steps here: its settings, its runner of steps, and all that reaches into its internals."""

"""What: one module per step of the journey, plain functions with their configuration beside them."""

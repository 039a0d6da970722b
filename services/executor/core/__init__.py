"""What the executor decides: how much, whether, and what came of it. Pure."""

"""What the clock decides. Pure."""

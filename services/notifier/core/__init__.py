"""What is said, and whether anything is. Pure."""

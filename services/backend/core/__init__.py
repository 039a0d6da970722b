"""What an event means for the books, and the shapes in which they are shown. Pure."""

"""What a snapshot is and what it warns of: decided from values alone."""

"""What the doctor looks at, one file a neighbourhood. A check gives rows, and may break: then that is its row."""

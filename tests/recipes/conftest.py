"""Templates are no tests of this tree."""

collect_ignore = ["templates"]

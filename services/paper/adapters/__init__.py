"""Files: tapes, the journal, the local history."""

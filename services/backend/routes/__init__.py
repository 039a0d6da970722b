"""The HTTP interface: one file per subject, and how a refusal looks."""

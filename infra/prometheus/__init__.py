"""Prometheus: what it asks for figures, and when it calls for help."""

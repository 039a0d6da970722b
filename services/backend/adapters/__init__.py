"""The database, the broker and the metrics exporter, each behind a port."""

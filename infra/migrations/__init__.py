"""The database's shape, step by step (Alembic). `python -m infra.migrations` brings a database up to date."""

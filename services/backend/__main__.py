"""`python -m services.backend`."""

from services.backend.adapters.connections import Connection
from services.backend.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("backend", create_app, http=Connection)

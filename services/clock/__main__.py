"""The clock's process."""

from services.clock.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("clock", create_app)

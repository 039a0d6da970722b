"""The collector's process."""

from services.collector.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("collector", create_app)

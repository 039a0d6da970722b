"""The filter's process."""

from services.filter.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("filter", create_app)

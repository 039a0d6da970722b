"""The notifier's process."""

from services.notifier.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("notifier", create_app)

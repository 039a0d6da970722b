"""The executor's process."""

from services.executor.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("executor", create_app)

"""The paper exchange as a process."""

from services.paper.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("paper", create_app)

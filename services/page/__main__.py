"""`python -m services.page`."""

from services.page.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("page", create_app)

"""The analyst's process."""

from services.analyst.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("analyst", create_app)

"""The sizer's process."""

from services.sizer.app import create_app
from shared.stage import serve

if __name__ == "__main__":
    serve("sizer", create_app)

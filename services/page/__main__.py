"""`python -m services.page`."""

from shared.process import serve

if __name__ == "__main__":
    serve("page")

"""`python -m services.backend`."""

from shared.process import serve

if __name__ == "__main__":
    serve("backend")

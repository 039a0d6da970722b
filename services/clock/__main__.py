"""The clock's process."""

from shared.process import serve

if __name__ == "__main__":
    serve("clock")

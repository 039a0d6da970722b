"""The sizer's process."""

from shared.process import serve

if __name__ == "__main__":
    serve("sizer")

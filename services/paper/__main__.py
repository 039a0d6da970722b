"""The paper exchange as a process."""

from shared.process import serve

if __name__ == "__main__":
    serve("paper")

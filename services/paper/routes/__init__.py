"""The addresses: Upbit's own, and the admin's."""

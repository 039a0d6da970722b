"""The whole of compose.yaml on a real Docker engine: `make e2e`, `make e2e-faults`. Only test_laws.py is part of `make test`."""

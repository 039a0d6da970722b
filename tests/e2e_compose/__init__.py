"""The whole of compose.yaml on a real Docker engine: `make e2e`, `make e2e-faults`. Of it only test_laws.py is fast."""

"""A package of its own: pyupbit installs a top-level `tests` too, and would be found instead of these."""

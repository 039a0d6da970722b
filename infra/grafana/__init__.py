"""Grafana: dashboards made by code, and what it loads at its start."""

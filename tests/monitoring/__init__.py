"""What watches the system: alert rules, dashboards."""

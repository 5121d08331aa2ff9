"""Dashboards for Grafana, written from code: `python -m deploy.grafana`."""

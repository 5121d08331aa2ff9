"""What a process counts and times, for Prometheus: measured at the edges, on a registry passed in."""

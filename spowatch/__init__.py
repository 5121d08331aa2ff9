"""Settings, wiring, roles, the command line and the store adapters; may import everything."""

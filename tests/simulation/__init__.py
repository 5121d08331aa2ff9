"""The real handlers in a world of one seed: its clocks, its deaths, its receivers, its people."""

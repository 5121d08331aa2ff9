"""The HTTP API: reads, commands and their schemas."""

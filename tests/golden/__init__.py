"""Stored examples of every event version ever released."""

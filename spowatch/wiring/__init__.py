"""Builds everything from settings: the only modules that name concrete classes."""

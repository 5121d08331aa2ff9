"""Copies of a store that can be taken while it runs, and stores made from them, to the second."""

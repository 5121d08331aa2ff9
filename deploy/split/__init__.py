"""The split system on one machine, to try it and to break it."""

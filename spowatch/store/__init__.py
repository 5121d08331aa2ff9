"""The log on disk: recorders, the mapper, the keys of the people it is about."""

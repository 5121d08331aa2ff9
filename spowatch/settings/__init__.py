"""What is read from the environment at the start, and how a wrong setting is told."""

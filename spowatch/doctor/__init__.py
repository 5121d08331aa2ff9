"""What an operator is told of a store and of what it stands on, before it goes wrong."""

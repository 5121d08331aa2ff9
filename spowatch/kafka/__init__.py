"""The topics, the broker's administration and security, and what it guarantees."""

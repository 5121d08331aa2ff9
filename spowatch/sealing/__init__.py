"""The seal on the log: a Merkle tree over what is stored, signed checkpoints of it, their check."""

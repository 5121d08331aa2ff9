"""The roles: a register of what each is, how it starts, works, is stopped, and fails."""

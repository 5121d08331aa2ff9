"""Sweeps: who is due by the clock, told to the register, which decides."""

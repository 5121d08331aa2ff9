"""What the court did: recorded step by step, checked, and refused with the section where it is not lawful."""

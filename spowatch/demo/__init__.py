"""The demonstration: a national caseload that lives, and an operator who deals with it."""

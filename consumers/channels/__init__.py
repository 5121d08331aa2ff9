"""The ways an alert reaches a person, one file each."""

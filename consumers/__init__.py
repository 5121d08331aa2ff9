"""What acts on the log: feeds, alert rules, the arrest desk and its ways to be heard."""

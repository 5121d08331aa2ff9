"""What becomes of an alert: who owns it, who is told next, the protected person, and the outcome."""

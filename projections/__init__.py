"""The sheets people look at: read from the log, lost and rebuilt without loss, never acting."""

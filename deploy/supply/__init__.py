"""What spowatch is made of, looked at from outside."""

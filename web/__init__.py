"""The HTTP edge: facts in, pages and streams out, sign-in."""

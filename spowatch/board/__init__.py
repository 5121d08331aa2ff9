"""The terminal board: the open alerts of a force, live, dealt with from the keyboard alone."""

"""What can be done about a live Space: wait until it serves, and the ladder of steps that set stuck ones free."""

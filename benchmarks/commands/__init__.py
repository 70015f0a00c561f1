"""What a user types: make in a fresh clone, subsel, bad input."""

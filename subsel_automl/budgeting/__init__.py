"""How a search spends its budget."""

"""The parts of SubSelNet alone: how well it encodes cells, how fast it chooses."""

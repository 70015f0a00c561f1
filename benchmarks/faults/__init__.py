"""Processes that die: a zoo build, a worker, the driver of a search."""

"""Searches that other people's loops run: scripts, a model of one's own, shared studies."""

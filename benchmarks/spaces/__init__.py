"""The cell spaces against the published tables: every cell, every parameter count."""

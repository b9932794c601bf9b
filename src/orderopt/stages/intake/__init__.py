"""Intake: orders come in once, are checked row by row, and nothing of what was sent is lost."""

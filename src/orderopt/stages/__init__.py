"""VERBS: each stage takes values and returns values; `plan` runs them in order."""

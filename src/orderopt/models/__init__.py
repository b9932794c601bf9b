"""The nouns of planning: what is given, decided and judged. Import from the single files."""

"""Orders from other systems: a declared mapping says how to read a foreign file, no code is needed."""

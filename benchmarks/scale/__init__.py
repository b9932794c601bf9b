"""How time and memory grow from a thousand order lines to a hundred thousand."""

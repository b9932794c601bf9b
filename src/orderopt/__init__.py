"""orderopt: plan customer orders end to end."""

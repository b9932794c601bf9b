"""The wall: the domain as integers and positions, built once."""

"""Outside data, converted into the tables of orderopt. The data itself is not part of the project."""

"""frePPLe's test models and cookbook, converted into the tables of orderopt. Start at ``convert``."""

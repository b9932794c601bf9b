"""The batch door: one command for each thing one does with a data set.

Standard output is data, standard error is talk.
"""

from orderopt.cli.commands import app

__all__ = ["app"]

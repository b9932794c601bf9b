"""For tests and trials: a small example, and a generator of realistic plants of any size."""

"""Measuring orderopt: cases from outside, peers and kernels. Not part of the package."""

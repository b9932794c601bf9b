"""Detailed scheduling: instances from raw data, an independent checker, strategies and peers side by side."""

"""Plans outside data with the real planner and compares what is reached. Start at ``__main__``."""

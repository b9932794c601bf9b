"""An exhaustive planner for tiny plants, written straight from ``correct_plans.md``."""

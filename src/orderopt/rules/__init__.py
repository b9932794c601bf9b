"""The judge: every business rule of a correct plan, one a file, recomputed from tables alone.

Nothing in this room knows a solver. `judge.judge_plan` puts the rules together and prices the plan.
"""

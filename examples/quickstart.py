# %% [markdown]
# # A first plan
# A snapshot is a folder of CSV files (or a workbook, or DataFrames). Reading it says what is wrong or odd.

# %%
from pathlib import Path

import orderopt as oo

here = Path(__file__).parent if "__file__" in globals() else Path()
snapshot = oo.read_snapshot(here / "small")
snapshot.findings

# %% [markdown]
# One call plans everything: who serves which line, what is made where and when, what is bought and shipped.

# %%
plan = oo.plan(snapshot, time_limit=10)
plan

# %% [markdown]
# What can each customer be told, and why?

# %%
plan.promises[["order_id", "line_no", "due_at", "promised_at", "on_time", "explanation"]]

# %% [markdown]
# What happens on the shop floor, and what does it cost?

# %%
plan.schedule[["job_id", "resource_id", "setup_minutes", "start", "end", "quantity"]]

# %%
plan.summary.terms

# %%
plan.gantt()

# %% [markdown]
# Take the plan along: `plan.to_excel("plan.xlsx")`, `plan.to_csv("plan")`, `plan.report("plan.html")`.

"""Every rule of the shop, posted in order."""

from __future__ import annotations

from orderopt.solvers.cpsat.calendar import post_calendar
from orderopt.solvers.cpsat.capacity import post_capacity
from orderopt.solvers.cpsat.changeover import post_changeover
from orderopt.solvers.cpsat.extras import post_extras
from orderopt.solvers.cpsat.precedence import post_precedence
from orderopt.solvers.cpsat.promise import post_makespan, post_promise
from orderopt.solvers.cpsat.shop_model import ShopModel


def post_rules(shop: ShopModel) -> ShopModel:
    """Post variables, rules and costs of a model; return the model itself."""
    for task in shop.relevant_tasks():
        shop.tasks[task] = shop.add_task(task)
    post_changeover(shop)  # first: it tells how long setups are
    post_calendar(shop)
    post_capacity(shop)
    post_precedence(shop)
    post_extras(shop)
    post_promise(shop)
    post_makespan(shop)
    shop.post_production_cost()
    shop.post_fairness()
    return shop

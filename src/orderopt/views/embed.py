"""Bokeh models as text that stands alone: BokehJS inline, nothing loaded, the same bytes every time."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bokeh.models import Model

OFFLINE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""Content security policy of every page: what is not in the file is not loaded."""

_ID = re.compile(r'(?<=id":")p\d+(?=")')


@cache
def template_text(name: str) -> str:
    """Return the text of a file in ``views/templates``."""
    return files("orderopt.views").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def bokeh_script() -> str:
    """Return BokehJS with its WebGL part, as it comes with the bokeh package."""
    from bokeh.resources import Resources

    raw: list[str] = Resources(mode="inline", components=["bokeh", "bokeh-gl"], log_level="error").js_raw
    return "\n".join(raw)


def _sort_sets(node: Any) -> None:
    """Put the members of serialised sets in order; Python's own order changes from run to run."""
    if isinstance(node, dict):
        if node.get("type") == "set":
            node["entries"] = sorted(node.get("entries", []), key=json.dumps)
        for value in node.values():
            _sort_sets(value)
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, dict | list):
                _sort_sets(value)


def chart_json(model: Model, target: str) -> str:
    """Return a Bokeh model as JSON for ``Bokeh.embed.embed_item``, safe inside a script element.

    Bokeh numbers its models through the life of a process; here they are numbered from 1, so that the same
    chart is the same text.

    Parameters
    ----------
    model
        A figure or layout.
    target
        The id of the element that receives it.
    """
    from bokeh.embed import json_item

    item: Any = json_item(model, target)
    _sort_sets(item)
    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    numbers: dict[str, str] = {}
    text = _ID.sub(lambda found: numbers.setdefault(found[0], f"{target}-{len(numbers) + 1}"), text)
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e").replace("\u2028", r"\u2028")

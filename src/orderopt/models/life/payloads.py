"""All payloads by name: reading a stored event needs every module that defines one."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from orderopt.errors import StoreError
from orderopt.models.life.document import Document, Payload

MODULES = (
    "orderopt.models.life.alert",
    "orderopt.models.life.customer_report",
    "orderopt.models.life.happened.account",
    "orderopt.models.life.happened.batch",
    "orderopt.models.life.happened.billing",
    "orderopt.models.life.happened.change",
    "orderopt.models.life.happened.completion",
    "orderopt.models.life.happened.intake",
    "orderopt.models.life.happened.order",
    "orderopt.models.life.happened.payment",
    "orderopt.models.life.happened.plan",
    "orderopt.models.life.happened.making",
    "orderopt.models.life.happened.privacy",
    "orderopt.models.life.happened.returned",
    "orderopt.models.life.happened.review",
    "orderopt.models.life.happened.shipping",
    "orderopt.models.life.happened.stock",
    "orderopt.models.life.happened.supply",
    "orderopt.models.life.happened.taking_back",
    "orderopt.models.life.happened.tracking",
    "orderopt.models.life.master",
    "orderopt.models.life.numbering",
)
"""Where payloads are defined."""


@cache
def _load() -> None:
    for module in MODULES:
        import_module(module)


def find_payload(name: str) -> type[Payload]:
    """Return the payload class of a stored name.

    Raises
    ------
    StoreError
        If there is none.
    """
    _load()
    if name not in Payload.KINDS:
        raise StoreError(
            f"event type {name!r} is not known to this version of orderopt; use the version that wrote the store"
        )
    return Payload.KINDS[name]


def find_document_types() -> dict[str, type[Document]]:
    """Return the classes of documents by their kind."""
    _load()
    return {kind.KIND: kind for kind in Document.__subclasses__() if hasattr(kind, "KIND")}

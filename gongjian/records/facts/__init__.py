"""事实: what happened, written once, in the same transaction as the deed. `facts.record` is the only door."""

from importlib import import_module
from typing import Any

_DOORS = ("record", "record_fresh", "record_many")


def __getattr__(name: str) -> Any:
    # Django imports this package before models may be loaded, so the doors open at their first use.
    if name in _DOORS:
        return getattr(import_module("gongjian.records.facts.stream"), name)
    raise AttributeError(name)

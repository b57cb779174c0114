"""传递: hands facts to listeners, in order; each fact takes effect exactly once with each listener."""

from importlib import import_module
from typing import Any

_DOORS = ("Listener", "deliver", "lag", "listeners", "replay")


def __getattr__(name: str) -> Any:
    # Django imports this package before models may be loaded, so the doors open at their first use.
    if name in _DOORS:
        return getattr(import_module("gongjian.engines.relay.relay"), name)
    raise AttributeError(name)

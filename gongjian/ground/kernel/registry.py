"""登记处: every room's manifest, read once when the program starts.

A room is any installed app below `gongjian` that has a `manifest` module. Asking for a code that no manifest declares
is a programmer's error and raises: rights fail closed.
"""

import datetime as dt
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.module_loading import import_string

from gongjian.ground.kernel.errors import UndeclaredPermission, UnknownFactKind
from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Panel, Permission, Todo


@cache
def rooms() -> tuple[Manifest, ...]:
    """The manifests of all installed rooms, in the order of the floors."""
    found = []
    for config in apps.get_app_configs():
        # The kernel's own `manifest` is the form of the plate, not a plate.
        if config.name.startswith("gongjian.") and config.label != "kernel" and find_spec(config.name + ".manifest"):
            found.append(import_module(config.name + ".manifest").MANIFEST)
    return tuple(found)


def _by_code(kind: str, items: list) -> dict:
    found: dict = {}
    for item in items:
        if item.code in found:
            raise RuntimeError(f"{kind} declared twice: {item.code}")
        found[item.code] = item
    return found


@cache
def fact_kinds() -> dict[str, FactKind]:
    """All fact kinds by code."""
    return _by_code("fact kind", [fact for room in rooms() for fact in room.facts])


@cache
def permissions() -> dict[str, Permission]:
    """All permissions by code."""
    return _by_code("permission", [permission for room in rooms() for permission in room.permissions])


def check_permission(code: str) -> None:
    """Raise UndeclaredPermission for a code that no manifest declares."""
    if code not in permissions():
        raise UndeclaredPermission(code)


def check_fact_kind(code: str) -> None:
    """Raise UnknownFactKind for a kind that no manifest describes."""
    if code not in fact_kinds():
        raise UnknownFactKind(code)


@cache
def menu_entries() -> tuple[MenuEntry, ...]:
    """All menu entries in their order."""
    return tuple(sorted((entry for room in rooms() for entry in room.menu), key=lambda e: (e.order, e.label)))


@cache
def panels(slot: str) -> tuple[Panel, ...]:
    """The panels for a slot, in their order."""
    return tuple(sorted((p for room in rooms() for p in room.panels if p.slot == slot), key=lambda p: p.order))


@cache
def jobs() -> tuple[Job, ...]:
    """All scheduled jobs."""
    return tuple(job for room in rooms() for job in room.jobs)


def todos(actor, day: dt.date) -> list[Todo]:
    """What waits for this actor in all rooms, the earliest date first, what has no date last."""
    found = [todo for room in rooms() if room.todos for todo in import_string(room.todos)(actor, day)]
    return sorted(found, key=lambda todo: (todo.due_on is None, todo.due_on or day))


@cache
def file_gates() -> dict[str, Callable[..., bool]]:
    """For each kind of Ref that keeps files: the function that says who may read or change them."""
    return {kind: import_string(path) for room in rooms() for kind, path in room.files}

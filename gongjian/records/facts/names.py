"""称呼: what the ids in facts are called, where their pages are, and who may see them.

Facts hold plain ids and this room stands below all others, so the rooms that own persons, organisations and other
objects enter themselves here when the program starts (`apps.py`, `ready`). The same idea as `stream.after_commit`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from gongjian.ground.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Register:
    """一类对象的登记: its title, names by id, the address of one, and the visible ones (ids)."""

    title: str
    names: Callable[[Iterable[int]], dict[int, str]]
    url: Callable[[int], str]
    visible: Callable[[Actor, str], QuerySet] | None = None


registers: dict[str, Register] = {}


def enter(kind: str, register: Register) -> None:
    """Enter a kind of object (a Ref's kind); once for each kind."""
    registers[kind] = register


def title_of(kind: str) -> str:
    """The title of a kind of object, or the kind itself where no room entered one."""
    return str(registers[kind].title) if kind in registers else kind


def names_of(kind: str, ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id; one query. What no longer exists or was never entered is left out."""
    wanted = {ident for ident in ids if ident is not None}
    return registers[kind].names(wanted) if wanted and kind in registers else {}


def url_of(kind: str, ident: int | str) -> str:
    """The address of an object's page, or "" where there is none."""
    if kind not in registers or not str(ident).isdigit():
        return ""
    return registers[kind].url(int(ident))


def visible_ids(kind: str, actor: Actor, permission: str) -> QuerySet | None:
    """Ids of the objects over which the actor holds a permission, as a query; None if the kind has no scope."""
    register = registers.get(kind)
    return register.visible(actor, permission) if register and register.visible else None

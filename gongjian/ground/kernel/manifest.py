"""门牌: what a room says of itself — facts it records, permissions it asks for, its menu, its listeners and sheets."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactKind:
    """事实种类: `noun.verb` in the past tense, its Chinese title, and what it means and carries."""

    code: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Permission:
    """权限: `room.verb` and its Chinese title."""

    code: str
    title: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """菜单项: shown to those who hold `needs` (empty: everyone who is logged in).

    `face` is desktop, phone (the bar at the foot, five at most) or more (the phone's list of further services). On the
    desktop entries stand in groups: `group` is orgs, team, life, judging, keeping, or empty for none; `order` decides.
    """

    label: str
    url: str
    icon: str
    needs: str = ""
    order: int = 100
    face: str = "desktop"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """面板: a slot that a lower page leaves open, filled by an upper room through a URL loaded with hx-get."""

    slot: str
    url: str
    needs: str
    title: str
    order: int = 100


@dataclass(frozen=True, slots=True)
class Job:
    """定时任务: a function run by the worker, every so many seconds or at a time of day in Asia/Shanghai."""

    name: str
    function: str
    title: str
    every: int | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Todo:
    """待办: one thing that waits for the person who asks, and where it is done.

    `due_on` is the last day for it (None: no date), `button` the word on the button, `hint` what stands below the title.
    """

    title: str
    url: str
    hint: str = ""
    due_on: dt.date | None = None
    button: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """门牌: constants only.

    `todos` is the dotted path of a function `(actor: Actor, day: date) -> list[Todo]`: what waits for this actor in this
    room on this day, at most twenty, in at most four queries. `files` maps the kind of a Ref to the dotted path of a
    function `(actor, ident: str, change: bool) -> bool`: whether the actor may read (or add and remove) the files of it.
    """

    room: str
    title: str
    facts: tuple[FactKind, ...] = ()
    permissions: tuple[Permission, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    panels: tuple[Panel, ...] = ()
    jobs: tuple[Job, ...] = ()
    listeners: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    todos: str = ""
    files: tuple[tuple[str, str], ...] = ()

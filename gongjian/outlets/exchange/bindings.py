"""可导入导出的表格: the bindings that the rooms' manifests name."""

from functools import cache

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.sheets.binding import SheetBinding


@cache
def _all() -> tuple[SheetBinding, ...]:
    return tuple(import_string(path) for room in registry.rooms() for path in room.sheets)


def bindings() -> dict[str, SheetBinding]:
    """Every binding by the id of its sheet, in their order."""
    return {binding.sheet.id: binding for binding in sorted(_all(), key=lambda binding: binding.order)}


def title_of(binding: SheetBinding) -> str:
    """What a binding's table is called."""
    return str(binding.title or binding.sheet.title)


def importable(actor: Actor) -> dict[str, SheetBinding]:
    """What this actor may import somewhere."""
    if not actor.may("exchange.import"):
        return {}
    return {ident: binding for ident, binding in bindings().items() if actor.may(binding.permission)}


def exportable(actor: Actor) -> dict[str, SheetBinding]:
    """What this actor may export; which rows, the room's own query decides."""
    return dict(bindings()) if actor.may("exchange.export") else {}


def binding_for(ident: str, among: dict[str, SheetBinding]) -> SheetBinding:
    """One binding of those an actor may use; NotFound otherwise."""
    try:
        return among[ident]
    except KeyError:
        raise NotFound(_("没有这种表格，或者您没有它的导入导出权限。")) from None

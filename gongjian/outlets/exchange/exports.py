"""Exports: a table in the actor's scope as a file. Who took what out, and how much of it, is a fact."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.db import transaction

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.sheets import write_csv, write_xlsx
from gongjian.outlets.exchange.bindings import binding_for, exportable
from gongjian.records import facts
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation

IN_MEMORY = 8 * 1024 * 1024


def nodes(actor: Actor) -> list[Organisation]:
    """The organisations whose part of the tree can be chosen: the highest in scope and those one and two levels below."""
    seen = orgs.visible_to(actor, permission="exchange.export").exclude(level__in=("branch", "group"))
    return list(seen.order_by("path")[:300])


@transaction.atomic
def export(*, sheet: str, org: int | None, kind: str, by: Actor, at: dt.datetime | None = None) -> IO[bytes]:
    """A table as a file (`kind`: xlsx or csv), only what lies in scope; NotFound for an organisation out of it."""
    by.require("exchange.export")
    binding = binding_for(sheet, exportable(by))
    node = orgs.get_for(by, org, permission="exchange.export") if org else None
    table, count = binding.sheet, 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in binding.export(by, {"org": node.pk} if node else {}):
            count += 1
            yield row

    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    (write_xlsx if kind == "xlsx" else write_csv)(table, counted(), out)
    out.seek(0)
    top = node or orgs.visible_to(by, permission="exchange.export").order_by("path").first()
    facts.record(
        "sheet.exported", by=by, at=at or clock.now(), org=top.pk if top else None, obj=Ref("sheet", table.id),
        quantity=count, data={"sheet": table.id, "format": kind, "rows": count},
    )  # fmt: skip
    return out

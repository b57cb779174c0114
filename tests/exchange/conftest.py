"""A table of the test's own: telephone numbers of organisations, written for real, so that nothing half written hides."""

import io

import pytest

from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.sheets import Column, Sheet, write_csv, write_xlsx
from gongjian.ground.sheets.binding import Complaints, Result, SheetBinding
from gongjian.outlets.exchange import bindings
from gongjian.records.orgs.models import Organisation

PHONES = Sheet(
    "phones", "办公电话",
    columns=(
        Column("code", "组织代码", kind="code", required=True, example="T005"),
        Column("phone", "办公电话", required=True, max_length=20),
    ),
    key="code", intro="给组织登记办公电话。",
)  # fmt: skip
OTHER = Sheet(
    "names", "名单", columns=(Column("name", "姓名", required=True), Column("age", "年龄", kind="int", required=True))
)


class Phones:
    """The room behind the table; `during` is called in the middle of writing."""

    def __init__(self):
        self.before: dict[str, dict[int, str]] = {}
        self.during = lambda number: None
        self.built_on = False

    def _orgs(self, rows, by):
        codes = [row.values["code"] for row in rows]
        return {org.code: org for org in Organisation.objects.filter(scope_q(by, "orgs.manage"), code__in=codes)}

    def check(self, rows, *, by):
        complaints, known = Complaints(PHONES), self._orgs(rows, by)
        for row in rows:
            if row.values["code"] and row.values["code"] not in known:
                complaints.add(row, "code", "没有这个组织，或不在管理范围内")
        return complaints.found

    def apply(self, rows, *, by, at, batch, progress):
        known, old, same = self._orgs(rows, by), {}, 0
        for number, row in enumerate(rows, 1):
            org = known[row.values["code"]]
            self.during(number)
            if org.phone == row.values["phone"]:
                same += 1
            else:
                old[org.pk] = org.phone
                Organisation.objects.filter(pk=org.pk).update(phone=row.values["phone"])
            progress(number, len(rows))
        self.before[batch] = old
        return Result(created=0, updated=len(old), unchanged=same)

    def undo(self, batch, *, by, at):
        if self.built_on:
            raise Refused("第 2 行的组织之后又改过，不能整份撤销。")
        for pk, phone in self.before[batch].items():
            Organisation.objects.filter(pk=pk).update(phone=phone)
        return Result(updated=len(self.before[batch]))

    def export(self, actor, filters):
        found = Organisation.objects.filter(scope_q(actor, "orgs.view")).order_by("code")
        for org in found:
            yield {"code": org.code, "phone": org.phone or "无"}


@pytest.fixture
def phones(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    room = Phones()
    binding = SheetBinding(PHONES, "orgs.manage", room.check, room.apply, room.undo, room.export)
    other = SheetBinding(OTHER, "orgs.manage", lambda rows, by: [], lambda rows, **_: Result(), None, room.export)
    monkeypatch.setattr(bindings, "_all", lambda: (binding, other))
    return room


def file_of(sheet, rows, kind="xlsx"):
    """An upload of these rows (dicts by column key)."""
    content = (write_xlsx if kind == "xlsx" else write_csv)(sheet, rows)
    upload = io.BytesIO(content)
    upload.name = f"{sheet.title}.{kind}"
    return upload


@pytest.fixture
def good():
    return [{"code": "T003", "phone": "0000-111"}, {"code": "T004", "phone": "0000-222"}]

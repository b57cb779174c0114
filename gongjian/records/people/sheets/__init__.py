"""导入导出人员和任职."""

from gongjian.ground.sheets.binding import SheetBinding
from gongjian.records.people.sheets import appointments, people, undoing
from gongjian.records.people.sheets.people import full_rows
from gongjian.records.people.sheets.shapes import APPOINTMENTS_SHEET, FULL, PEOPLE_SHEET

PEOPLE = SheetBinding(
    sheet=PEOPLE_SHEET, permission="people.manage", check=people.check, apply=people.apply, undo=undoing.undo_people,
    export=people.export, title="人员", order=20,
)  # fmt: skip
APPOINTMENTS = SheetBinding(
    sheet=APPOINTMENTS_SHEET, permission="people.manage", check=appointments.check, apply=appointments.apply,
    undo=undoing.undo_appointments, export=appointments.export, title="任职", order=30,
)  # fmt: skip

__all__ = ["APPOINTMENTS", "FULL", "PEOPLE", "full_rows"]

"""Planning in a pack (计划安排): what a plan is made of before a branch has a habit of its own."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gongjian.ground.policy.values import Id, Natural, Positive, Shape, Text

REPLIES = ("come", "away", "online")


def _hour(value: object) -> str:
    if isinstance(value, str) and len(value) == 5 and value[2] == ":":
        hour, minute = value[:2], value[3:]
        if (hour + minute).isascii() and (hour + minute).isdigit() and int(hour) < 24 and int(minute) < 60:
            return value
    raise PydanticCustomError("hour", "{value}", {"value": str(value), "allowed": "00:00–23:59"})


def _weekday(value: object) -> int:
    if isinstance(value, str) and value in {"1", "2", "3", "4", "5", "6", "7"}:
        return int(value)
    raise PydanticCustomError("weekday", "{value}", {"value": str(value), "allowed": "1–7"})


Hour = Annotated[str, BeforeValidator(_hour), WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$"})]
Weekday = Annotated[int, BeforeValidator(_weekday), WithJsonSchema({"enum": [*range(1, 8), *map(str, range(1, 8))]})]


class Planning(Shape):
    """计划安排: habits that are proposed, and bounds on notices, reminders, series and joint meetings.

    usual_weekday (1 is Monday) and usual_hour hold for a branch that has held fewer than `learn_from` meetings in the
    past year; `evenings`: kinds that are held one after another on one day, in this order, with `gap_minutes` between,
    as long as they end by latest_end; send_days_before: the organiser is asked to send the notice so many days ahead;
    remind_days_before: days ahead on which those who have not read it are reminded; late_change_hours: a change nearer
    to the beginning than this is marked as late (临时改动).
    """

    usual_weekday: Weekday
    usual_hour: Hour
    latest_end: Hour
    learn_from: Positive
    gap_minutes: Natural
    evenings: tuple[tuple[Id, ...], ...] = ()
    replies: tuple[Literal["come", "away", "online"], ...]
    send_days_before: Natural
    remind_days_before: tuple[Natural, ...] = ()
    reminders_at_most: Natural
    late_change_hours: Natural
    series_at_most: Positive
    joint_at_most: Positive
    basis: Text

"""规则: how much, which, when due. Pure functions over values; no database, no clock."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gongjian.ground.kernel.clock import period_bounds, period_of, previous_period

ATTENDED_BY_CODE = "code"
CODE_DIGITS = 6
TOKEN_LENGTH = 20
MOST_WRONG_CODES = 10  # of a million codes two or three hold at a time: ten guesses find one in 1 of 33,000 meetings


class Warning(NamedTuple):
    """提醒: something worth a second look that blocks nothing (a text that says 一般)."""

    code: str
    text: str


# --- codes ------------------------------------------------------------------------------------------------------
def step_of(moment: float, rotation: int) -> int:
    """The number of the time step in which a moment (seconds since 1970) lies."""
    return int(moment // rotation)


def accepted_steps(moment: float, rotation: int, grace: int) -> range:
    """The steps whose codes are still taken at a moment: the present one, and those that ended less than `grace` ago."""
    return range(int((moment - grace) // rotation), step_of(moment, rotation) + 1)


def _mac(secret: str, step: int, use: str) -> bytes:
    return hmac.new(bytes.fromhex(secret), f"{use}:{step}".encode(), hashlib.sha256).digest()


def digits_of(secret: str, step: int) -> str:
    """The six digits that people type (RFC 4226's way of cutting a number out of the MAC)."""
    mac = _mac(secret, step, "digits")
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def token_of(secret: str, step: int) -> str:
    """The longer text that the QR code carries: not to be guessed."""
    return _mac(secret, step, "token").hex()[:TOKEN_LENGTH]


def code_fits(secret: str, code: str, moment: float, rotation: int, grace: int) -> bool:
    """Whether a typed or scanned code holds at a moment."""
    code = code.strip().replace(" ", "").lower()
    if not code.isascii():
        return False
    maker = digits_of if len(code) == CODE_DIGITS else token_of
    fits = False
    for step in accepted_steps(moment, rotation, grace):
        fits |= hmac.compare_digest(maker(secret, step), code)
    return fits


class Door(NamedTuple):
    """签到口: what of a meeting decides whether somebody comes in by a code. Times are aware, the rest in seconds."""

    open: bool
    secret: str
    closes_at: dt.datetime
    rotation: int
    grace: int


def knock(door: Door, code: str, seen: bool, moment: dt.datetime) -> str:
    """What the door says to a code: in, shut (check-in not open), wrong (code), late. One rule for every way in.

    `seen`: a code that held was shown a moment ago. Who may come in at all, the list says.
    """
    if not door.open:
        return "shut"
    if not seen and not code_fits(door.secret, code, moment.timestamp(), door.rotation, door.grace):
        return "wrong"
    return "in" if moment <= door.closes_at else "late"


def seconds_left(moment: float, rotation: int) -> int:
    """How long the present code is still shown, at least one second."""
    return max(1, int(rotation - moment % rotation))


# --- a device without network ---------------------------------------------------------------------------------------
def bounded(moment: dt.datetime, first: dt.datetime, last: dt.datetime, now: dt.datetime) -> dt.datetime:
    """A device's own time inside the window in which check-ins are taken, and never later than now."""
    return min(max(moment, first), last, max(now, first))


def standing(taps: Iterable[tuple[int, int, str, dt.datetime]]) -> dict[int, dt.datetime | None]:
    """What devices say of persons: the earliest time of those who say that they came, None where all took it back.

    `taps` are (device, person, "in" or "out", time) in each device's own order. An "out" takes back only what the same
    device said: another device, or the person's own scan, stands for itself.
    """
    said: dict[tuple[int, int], dt.datetime | None] = {}
    for device, person, deed, at in taps:
        key = (device, person)
        if deed == "out":
            said[key] = None
        elif said.get(key) is None:
            said[key] = at
    found: dict[int, dt.datetime | None] = {}
    for (_device, person), when in said.items():
        before = found.get(person)
        found[person] = before if when is None or (before is not None and before <= when) else when
    return found


def only_surname(name: str) -> str:
    """A name as a screen in a public room shows it: who has just checked in knows it, a stranger does not."""
    return name[:1] + "＊" * max(1, min(2, len(name) - 1)) if name else ""


# --- periods ----------------------------------------------------------------------------------------------------
def past_periods(day: dt.date, per: str, count: int) -> list[str]:
    """The last periods before the one a day lies in, newest first."""
    found, period = [], period_of(day, per)
    for _n in range(count):
        period = previous_period(period)
        found.append(period)
    return found


def can_make_good(period: str, *, per: str, day: dt.date, founded_on: dt.date) -> bool:
    """Whether a meeting on a day may count for a period: one of the duty's length, over, and the branch existed in it."""
    try:
        first, last = period_bounds(period)
    except ValueError:
        return False
    return period == period_of(first, per) and last < day and founded_on <= last


def overlaps(starts: dt.datetime, ends: dt.datetime, other_starts: dt.datetime, other_ends: dt.datetime) -> bool:
    """Whether two spans share a moment; one that ends when the other begins does not."""
    return starts < other_ends and other_starts < ends


def learning_quantity(learning_minutes: int, minutes_long: int) -> int:
    """The quantity of `activity.attended` in minutes: what counts as learning, or the time itself where none does."""
    return learning_minutes or minutes_long


def seemly_agenda(lines: Iterable[str]) -> list[str]:
    """An agenda as typed, one point a line, without numbers and empty lines; at most 30 points of 120 characters."""
    points = [line.strip().lstrip("0123456789.、．) ）").strip() for line in lines]
    return [point[:120] for point in points if point][:30]


def counts(statuses: Sequence[str], audience: str) -> tuple[int, int]:
    """(应到, 实到): everyone on the list should come, the excused too; where coming is free, those who came."""
    present = sum(status == "present" for status in statuses)
    return (present if audience == "open" else len(statuses)), present

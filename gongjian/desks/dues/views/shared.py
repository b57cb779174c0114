"""What the pages of this room share: months as readers write and read them, and words for money."""

import datetime as dt

from django.utils.translation import gettext as _

from gongjian.desks.dues import rules
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.errors import NotFound


def month_of(text: str) -> str:
    """A month from an address; NotFound for anything else."""
    try:
        if clock.per_of(text) == "month" and 2000 <= int(text[:4]) <= clock.today().year + 1:
            return text
    except ValueError:
        pass
    raise NotFound(_("没有这个月份。"))


def this_month() -> str:
    """The present month."""
    return clock.month_of(clock.today())


def word(month: str) -> str:
    """2026-11 → 2026年11月."""
    return f"{month[:4]}年{int(month[5:])}月"


def words(months: list[str] | tuple[str, ...]) -> str:
    """Several months, runs shortened: 2026年3月—5月、7月."""
    runs: list[list[str]] = []
    for month in sorted(months):
        if runs and clock.next_period(runs[-1][-1]) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return "、".join(word(run[0]) if len(run) == 1 else f"{word(run[0])}—{word(run[-1])}" for run in runs)


def yuan(amount: int | None) -> str:
    """Fen as yuan; a dash for nothing."""
    return "—" if amount is None else rules.yuan(amount)


def day_or_today(text: str) -> dt.date:
    """A day from a form; today for anything else."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return clock.today()

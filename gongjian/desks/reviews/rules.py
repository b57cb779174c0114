"""评议规则: who gets a grade, how many 优秀 are usual, what is missing before the close. Values in, values out.

Source: 支部工作条例 on 民主评议党员 (DOMAIN 1.3). No function here proposes a grade: verdicts are given by people.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

NOT_GRADED = ""  # took part in nothing and gets no grade, with a reason


def is_graded(kind: str) -> bool:
    """Whether a member gets a grade: formal members; probationary ones take part but get none."""
    return kind == "formal"


def cap(base: int, one_in: int) -> int:
    """The most members who usually get a capped grade: a third of seven is two."""
    return base // one_in


class Given(NamedTuple):
    """一位党员的评定: which row, the grade's id (None: not decided; "": no grade this year) and the reason."""

    member: int
    grade: str | None
    reason: str


class Checked(NamedTuple):
    """评定前的检查: rows without a verdict, rows without a needed reason, and by how many the cap is exceeded."""

    undecided: tuple[int, ...]
    without_reason: tuple[int, ...]
    capped: int
    most: int

    @property
    def over(self) -> int:
        """How many capped grades are above what is usual; 0 if none."""
        return max(0, self.capped - self.most)


def check(
    given: Iterable[Given],
    *,
    capped: Iterable[str],
    needs_reason: Iterable[str],
    one_in: int,
    base: str,
    taking_part: int,
) -> Checked:
    """What stands against the close. `base`: graded (those who get a grade, or will) or all (`taking_part`)."""
    given, capped, needs_reason = list(given), set(capped), set(needs_reason)
    graded = sum(row.grade != NOT_GRADED for row in given)
    return Checked(
        undecided=tuple(row.member for row in given if row.grade is None),
        without_reason=tuple(
            row.member
            for row in given
            if row.grade is not None
            and (row.grade in needs_reason or row.grade == NOT_GRADED)
            and not row.reason.strip()
        ),
        capped=sum(row.grade in capped for row in given),
        most=cap(graded if base == "graded" else taking_part, one_in),
    )


def counts(grades: Iterable[str | None], known: Iterable[str]) -> Mapping[str, int]:
    """How many of each grade, every known one named."""
    found = dict.fromkeys(known, 0)
    for grade in grades:
        if grade in found:
            found[grade] += 1
    return found

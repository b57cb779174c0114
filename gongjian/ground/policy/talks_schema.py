"""Heart-to-heart talks and membership anniversaries by the pack (谈心谈话、政治生日)."""

from typing import Literal

from gongjian.ground.policy.values import FreeText, Month, Natural, Positive, Shape, Text

Reach = Literal["pairs", "each"]


class TalkLines(Shape):
    """谈心谈话的范围. pairs: every two of them talk; each: everybody talks with at least one of them in a year."""

    committee: Reach
    committee_and_members: Reach
    members: Reach


class Anniversary(Shape):
    """政治生日. date: counted from joined_on (入党日期) or formal_on (转正日期); card: what stands on it to begin with."""

    days_before: Natural
    date: Literal["joined_on", "formal_on"]
    card: Text
    conflict: FreeText = ""
    basis: Text


class Talks(Shape):
    """谈心谈话、政治生日. times_per_year: how often a year; remind_from_month: from when on what is missing is a to-do."""

    times_per_year: Positive
    lines: TalkLines
    remind_from_month: Month
    anniversary: Anniversary
    conflict: FreeText = ""
    basis: Text

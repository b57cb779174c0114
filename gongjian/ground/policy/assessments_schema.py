"""Standard lists by the pack (标准清单): dimensions, items with points, how each is evidenced, bands, who assesses."""

from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gongjian.ground.policy.values import (
    Entries,
    FactKindName,
    FreeText,
    Id,
    Natural,
    Percent,
    Positive,
    Shape,
    Text,
    Truth,
    Where,
)

#: what each kind of check must be given
NEEDS: dict[str, tuple[str, ...]] = {
    "facts": ("fact", "times", "months"),
    "duty": ("duty", "months"),
    "members": ("measure",),
    "posts": ("posts",),
    "committee": (),
    "term": (),
    "covered": (),
    "area": ("at_least",),
}
#: what only an organisation, and what only a place is asked
ONLY_PLACES = ("covered", "area")


class RecordsCheck(Shape):
    """从记录核. What the system reads by itself; a check is met, not met, or does not apply.

    facts: at least `times` facts `fact` (with `where`) of the organisation in the last `months` whole months up to the
    day. duty: the duty fell short without being made good at most `allowed` times in these months. members: the
    `measure` lies between `at_least` and `at_most`. posts: one of `posts` is filled. committee: who must elect a
    committee has one. term: the term has not run out. covered: a living organisation covers the place. area: the place
    has `at_least` square metres and `per_100_households` for every hundred households on its community's ground.
    """

    check: Literal["facts", "duty", "members", "posts", "committee", "term", "covered", "area"]
    fact: FactKindName | None = None
    where: Where = {}
    times: Positive | None = None
    months: Positive | None = None
    duty: Id | None = None
    allowed: Natural = 0
    measure: Literal["all_members", "formal_members"] | None = None
    at_least: Natural | None = None
    at_most: Natural | None = None
    per_100_households: Natural = 0
    posts: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "RecordsCheck":
        lacks = [name for name in NEEDS[self.check] if getattr(self, name) in (None, ())]
        if self.check == "members" and self.at_least is None and self.at_most is None:
            lacks.append("at_least")
        if lacks:
            raise PydanticCustomError("condition_lacks", "{value}", {"value": self.check, "allowed": "、".join(lacks)})
        return self


class ScoreLevel(Shape):
    """评分档: points for what is found, described so that two people give the same."""

    points: Natural
    text: Text


class ListItem(Shape):
    """清单条目: evidenced `records` (checked by the system, all or nothing) or by hand, on one of `levels`."""

    id: Id
    title: Text
    text: FreeText = ""
    points: Positive
    records: RecordsCheck | None = None
    levels: tuple[ScoreLevel, ...] = ()
    basis: Text


class ListDimension(Shape):
    """清单维度."""

    id: Id
    title: Text
    items: Entries[ListItem]


class ListBand(Shape):
    """结论: from so many per cent of the points that apply. good: tone for the reader."""

    id: Id
    title: Text
    at_least: Percent
    tone: Literal["good", "warn", "bad"]


class StandardList(Shape):
    """标准清单. `of`: organisations of `org_kinds`, or every place of that kind.

    `assessed_by` is the lowest level that assesses; it must also lie above the organisation assessed. `self_first`: a
    self-assessment comes before the visit. A result is checked again after `recheck_months` and lapses `lapse_months`
    after that. `public`: residents may read an estate's or centre's result without logging in.
    """

    id: Id
    title: Text
    short: Text
    of: Literal["organisation", "estate", "centre"]
    org_kinds: tuple[Id, ...] = ()
    assessed_by: Id
    self_first: Truth = True
    recheck_months: Positive
    lapse_months: Natural
    public: Truth = False
    bands: Entries[ListBand]
    dimensions: Entries[ListDimension]
    basis: Text

    @property
    def items(self) -> tuple[ListItem, ...]:
        """All items in order."""
        return tuple(item for dimension in self.dimensions for item in dimension.items)

    def item(self, ident: str) -> ListItem | None:
        """The item of this id, or None."""
        return next((item for item in self.items if item.id == ident), None)


class Assessments(Shape):
    """标准化规范化考评. `objection_working_days`: for objecting to a result; `visit_note_chars`: longest note of an item."""

    objection_working_days: Positive
    visit_note_chars: Positive
    lists: Entries[StandardList]
    basis: Text

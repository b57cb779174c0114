"""Every point explains itself (积分说明): what happened, when and where, by which rule of which pack, and what was cut."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from gongjian.appraisal.points.models import Entry
from gongjian.appraisal.points.queries import PER, name_of_persons, rule_of
from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.policy.schema import Pack, PointRule
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation


class Explained(NamedTuple):
    """一条说明."""

    entry: Entry
    what: str
    at: dt.datetime | dt.date
    where: str
    reason: str
    rule: str
    text: str
    basis: str
    evidence: str
    dimension: str
    pack: str
    points: int
    bound: str
    withdrawn: str
    recorder: str = ""
    recorded_at: dt.datetime | None = None
    reviewer: str = ""

    @property
    def signed(self) -> str:
        """Points with their sign."""
        return f"{self.points:+d}" if self.points else "0"


def explain(entries: Iterable[Entry]) -> list[Explained]:
    """Put entries into words; four statements however many there are."""
    entries = list(entries)
    facts = Fact.objects.in_bulk({e.fact for e in entries} | {e.withdrawn_by for e in entries if e.withdrawn_by})
    places = {fact.org for fact in facts.values() if fact.org}
    names = dict(Organisation.objects.filter(pk__in=places).values_list("pk", "name"))
    signed = _signed(facts.values())
    people = name_of_persons({fact.by for fact in facts.values()} | set(signed.values()))
    return [_explain(entry, facts, names, people, signed) for entry in entries]


def _signed(facts: Iterable[Fact]) -> dict[tuple[str, str], int | None]:
    """Who confirmed the activities that facts are about (签字确认), by object; one statement."""
    ids = {fact.object_id for fact in facts if fact.object_kind == "activity"}
    if not ids:
        return {}
    rows = Fact.objects.filter(object_kind="activity", object_id__in=ids, kind="activity.signed_off").order_by("id")
    return {("activity", ident): by for ident, by in rows.values_list("object_id", "by")}


def _explain(
    entry: Entry, facts: dict[int, Fact], names: dict[int, str], people: dict[int, str],
    signed: dict[tuple[str, str], int | None],
) -> Explained:  # fmt: skip
    pack = policy.on(entry.day)
    rule, fact = rule_of(pack, entry.rule), facts.get(entry.fact)
    own = bool(fact) and entry.subject_kind == "person" and fact.by == entry.subject
    reviewer = signed.get((fact.object_kind, fact.object_id)) if fact else None
    return Explained(
        entry=entry,
        what=what_happened(pack, fact) if fact else entry.rule,
        at=fact.at.astimezone(clock.SHANGHAI) if fact else entry.day,
        where=names.get(fact.org, "") if fact else "",
        reason=str(fact.data.get("reason", "")) if fact else "",
        rule=rule.title if rule else entry.rule,
        text=rule.text if rule else "",
        basis=rule.basis if rule else "",
        evidence=rule.evidence if rule else "",
        dimension=_dimension(pack, entry.dimension),
        pack=entry.pack,
        points=0 if entry.withdrawn_by else entry.given,
        bound=_bound(entry, pack, rule),
        withdrawn=_withdrawn(entry, facts),
        recorder=_("本人") if own else people.get(fact.by, _("系统")) if fact else "",
        recorded_at=fact.recorded_at.astimezone(clock.SHANGHAI) if fact else None,
        reviewer=people.get(reviewer, ""),
    )


def what_happened(pack: Pack, fact: Fact) -> str:
    """A fact in a few words: its kind, and the kind of activity if it tells one."""
    known = registry.fact_kinds().get(fact.kind)
    title = str(known.title) if known else fact.kind
    try:
        activity = pack.activity_kind(str(fact.data.get("activity_kind", ""))).title
    except (policy.UnknownEntry, AttributeError):
        return title
    return _("%(activity)s：%(title)s") % {"activity": activity, "title": title}


def _dimension(pack: Pack, ident: str) -> str:
    try:
        return pack.points.dimension(ident).title
    except policy.UnknownEntry:
        return ident


def _bound(entry: Entry, pack: Pack, rule: PointRule | None) -> str:
    """What the bounds left out, in words."""
    lost = entry.deserved - entry.given
    if entry.withdrawn_by or not lost:
        return ""
    if entry.deserved < 0:
        return _("应扣 %(n)d 分，按下限 %(floor)d 分少扣 %(lost)d 分。") % {
            "n": -entry.deserved, "lost": -lost, "floor": pack.points.frame.floor,
        }  # fmt: skip
    words = {"n": entry.deserved, "given": entry.given}
    if rule is not None and rule.at_most is not None:
        words |= {"per": PER[rule.at_most.per], "most": rule.at_most.points}
        return (
            _("应得 %(n)d 分，已到封顶（本规则%(per)s最多 %(most)d 分，或本维度、全年已满），计 %(given)d 分。") % words
        )
    return _("应得 %(n)d 分，本维度或全年已满，计 %(given)d 分。") % words


def _withdrawn(entry: Entry, facts: dict[int, Fact]) -> str:
    """Why it was taken back."""
    fact = facts.get(entry.withdrawn_by) if entry.withdrawn_by else None
    if fact is None:
        return ""
    known = registry.fact_kinds().get(fact.kind)
    words = {
        "day": clock.day_of(fact.at).isoformat(), "why": str(known.title) if known else fact.kind,
        "reason": str(fact.data.get("reason", "")), "n": entry.given,
    }  # fmt: skip
    if words["reason"]:
        return _("%(day)s 撤回 %(n)d 分：%(why)s，%(reason)s") % words
    return _("%(day)s 撤回 %(n)d 分：%(why)s") % words

"""冲突: what speaks against a time and place, read once for many drafts. Everything warns; one thing blocks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries, rules
from gongjian.desks.activities.models import Activity, Attendance, Participation
from gongjian.desks.activities.states import CANCELLED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.clock import period_of
from gongjian.ground.kernel.scope import subtree_q
from gongjian.ground.policy.calendar import is_working_day
from gongjian.records.orgs.models import Organisation

SHOWN = 3


class Clash(NamedTuple):
    """冲突一条: its code, what the reader is told, how many persons it concerns, and whether it blocks."""

    code: str
    text: str
    people: int = 0
    blocks: bool = False


class Span(NamedTuple):
    """一段: what is asked about: a kind at a time and place, for whom."""

    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str = ""
    audience: str = "members"


def place_taken(
    org: Organisation, starts_at: dt.datetime, ends_at: dt.datetime, place: str, *, but: int | None = None
) -> Activity | None:
    """What this organisation itself holds in the same place at the same time: the only thing that blocks a plan."""
    if not place.strip():
        return None
    found = Activity.objects.filter(org=org, place=place.strip(), starts_at__lt=ends_at, ends_at__gt=starts_at)
    return found.exclude(state=CANCELLED).exclude(pk=but).first()


def day_word(moment: dt.datetime) -> str:
    """11月20日."""
    day = clock.day_of(moment)
    return f"{day.month}月{day.day}日"


class Clashes:
    """冲突检查: reads once what happens around these spans (at most eight queries), and answers for each of them."""

    def __init__(self, org: Organisation, spans: Sequence[Span], actor: Actor, *, but: int | None = None) -> None:
        self.org, self.actor, self.but = org, actor, but
        self.pack = policy.current()
        if not spans:
            return
        self.first = min(span.starts_at for span in spans)
        self.last = max(span.ends_at for span in spans)
        window = Activity.objects.filter(starts_at__lt=self.last, ends_at__gt=self.first).exclude(state=CANCELLED)
        window = window.exclude(pk=but)
        joined = Participation.objects.filter(org=org, state__in=("confirmed", "counted")).values("activity")
        self.own = list(window.filter(Q(org=org) | Q(pk__in=joined)).order_by("starts_at"))
        own = {activity.pk for activity in self.own}
        above = {org.parent_id, org.territory_id} - {None, org.pk}
        self.above = [a for a in window.filter(org__in=above).select_related("org") if a.pk not in own]
        places = {span.place.strip() for span in spans} - {""}
        self.places = [a for a in self._beside(window).filter(place__in=places) if a.pk not in own] if places else []
        self.expected = {
            audience: queries.expected_people(org, audience, clock.day_of(self.first))
            for audience in {span.audience for span in spans}
        }
        everyone = set().union(*self.expected.values())
        self.busy: dict[int, set[int]] = defaultdict(set)
        self.elsewhere: dict[int, Activity] = {}
        self._read_people(window, everyone, own)
        others = {a.pk for a in (*self.above, *self.places, *self.elsewhere.values())}
        self.visible = (
            set(queries.visible_to(actor).filter(pk__in=others).values_list("pk", flat=True)) if others else set()
        )
        self.counted = {kind: self._same_kind(kind) for kind in {span.kind for span in spans}}

    def _beside(self, window: QuerySet[Activity]) -> QuerySet[Activity]:
        """What is held in the same community."""
        home = self.org.territory or self.org.parent
        if home is None:
            return window.none()
        return window.filter(
            subtree_q(home.path, prefix="org__")
            | subtree_q(home.territory_path, prefix="org__", field="territory_path")
        ).select_related("org")

    def _read_people(self, window: QuerySet[Activity], people: set[int], own: set[int]) -> None:
        if not people:
            return
        rows = Attendance.objects.filter(
            person__in=people, activity__in=window.exclude(audience="open").exclude(pk__in=own)
        ).exclude(status="excused")
        for row in rows.select_related("activity"):
            self.busy[row.activity_id].add(row.person_id)
            self.elsewhere[row.activity_id] = row.activity

    def _same_kind(self, kind: str) -> list[tuple[str, list[Activity]]]:
        """(length of a duty's period, activities of this kind in the periods that the window touches)."""
        duties = queries.duties_for(self.org, kind, clock.day_of(self.first))
        per = next((duty.per for duty in duties if duty.per != "year"), None)
        if per is None:
            return []
        begin = clock.period_bounds(period_of(self.first, per))[0]
        end = clock.period_bounds(period_of(self.last, per))[1]
        found = Activity.objects.filter(
            org=self.org, kind=kind, starts_at__gte=clock.at_time(begin),
            starts_at__lt=clock.at_time(end + dt.timedelta(days=1)), counts_for__isnull=True,
        )  # fmt: skip
        return [(per, list(found.exclude(state=CANCELLED).exclude(pk=self.but).order_by("starts_at")))]

    def of(self, span: Span) -> list[Clash]:
        """What speaks against one of the spans, the blocking one first."""
        found: list[Clash] = []
        place = span.place.strip()

        def meets(activity: Activity) -> bool:
            return rules.overlaps(span.starts_at, span.ends_at, activity.starts_at, activity.ends_at)

        same_time = [activity for activity in self.own if meets(activity)]
        for activity in same_time:
            if place and activity.place == place and activity.org_id == self.org.pk:
                text = _("“%(place)s”同一时间已安排“%(title)s”，一个地点不能同时开两场。")
                found.append(Clash("place_taken", text % {"place": place, "title": activity.title}, blocks=True))
        for per, held in self.counted[span.kind]:
            for activity in held:
                if period_of(activity.starts_at, per) == period_of(span.starts_at, per):
                    text = _("本期已有“%(title)s”（%(day)s）。")
                    found.append(Clash("twice", text % {"title": activity.title, "day": day_word(activity.starts_at)}))
        found += [Clash("own", _("与“%(title)s”时间重叠。") % {"title": a.title}) for a in same_time[:SHOWN]]
        for activity in [a for a in self.above if meets(a)][:SHOWN]:
            text = _("%(org)s同一时间有“%(title)s”。")
            found.append(Clash("above", text % {"org": activity.org.name, "title": self._title(activity)}))
        for activity in [a for a in self.places if a.place == place and meets(a)][:SHOWN]:
            text = _("“%(place)s”同一时间另有安排：%(org)s“%(title)s”。")
            found.append(
                Clash("place", text % {"place": place, "org": activity.org.name, "title": self._title(activity)})
            )
        found += self._people(span, [a for a in self.elsewhere.values() if meets(a)])
        day = clock.day_of(span.starts_at)
        if not is_working_day(day, self.pack):
            found.append(Clash("rest_day", _("%(day)s 是休息日。") % {"day": day_word(span.starts_at)}))
        if span.starts_at < clock.now() - dt.timedelta(minutes=5):
            found.append(Clash("past", _("时间已经过去，将作为补录。")))
        return found

    def _people(self, span: Span, activities: list[Activity]) -> list[Clash]:
        expected = self.expected[span.audience]
        away: set[int] = set().union(*(self.busy[a.pk] & expected for a in activities)) if activities else set()
        if not away:
            return []
        titles = "、".join(f"“{title}”" for title in dict.fromkeys(map(self._title, activities)))
        text = _("应到的 %(all)d 人中有 %(number)d 人同一时间要参加%(titles)s。")
        return [Clash("people", text % {"all": len(expected), "number": len(away), "titles": titles}, len(away))]

    def _title(self, activity: Activity) -> str:
        """The title for those who may see it: what another branch discusses is not for everyone."""
        return activity.title if activity.pk in self.visible else _("另一项活动")


def clashes(org: Organisation, span: Span, actor: Actor, *, but: int | None = None) -> list[Clash]:
    """What speaks against one plan."""
    return Clashes(org, [span], actor, but=but).of(span)


def busy_minutes(
    org: Organisation, first: dt.date, last: dt.date, people: Iterable[int]
) -> dict[dt.date, list[tuple[int, int]]]:
    """By day, the minutes at which the organisation, the one above it or a third of its people have something else."""
    begin, end = clock.at_time(first), clock.at_time(last) + dt.timedelta(days=1)
    window = Activity.objects.filter(starts_at__lt=end, ends_at__gt=begin).exclude(state=CANCELLED)
    above = {org.parent_id, org.territory_id, org.pk} - {None}
    joined = Participation.objects.filter(org=org, state="confirmed").values("activity")
    taken = {a.pk: a for a in window.filter(Q(org__in=above) | Q(pk__in=joined))}
    expected = set(people)
    counts: dict[int, int] = defaultdict(int)
    rows = Attendance.objects.filter(person__in=expected, activity__in=window.exclude(audience="open"))
    for row in rows.exclude(activity__in=taken).select_related("activity"):
        counts[row.activity_id] += 1
        if 3 * counts[row.activity_id] >= len(expected):
            taken[row.activity_id] = row.activity
    found: dict[dt.date, list[tuple[int, int]]] = defaultdict(list)
    for activity in taken.values():
        start, stop = (moment.astimezone(clock.SHANGHAI) for moment in (activity.starts_at, activity.ends_at))
        minutes = start.hour * 60 + start.minute
        found[start.date()].append((minutes, minutes + int((stop - start).total_seconds() // 60)))
    return found

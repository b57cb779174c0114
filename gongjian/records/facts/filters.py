"""Filters of timelines: kind of fact and period."""

import datetime as dt

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel import clock, registry
from gongjian.records.facts.models import Fact


def rooms() -> list[tuple[str, list[tuple[str, str]]]]:
    """All fact kinds, grouped by the room that records them."""
    return [
        (str(room.title), [(kind.code, str(kind.title)) for kind in room.facts])
        for room in registry.rooms()
        if room.facts
    ]


class FactFilter(django_filters.FilterSet):
    """纪实的筛选."""

    kind = django_filters.ChoiceFilter(label=_("种类"), choices=rooms, empty_label=_("全部种类"))
    since = django_filters.DateFilter(label=_("从"), method="from_day")
    until = django_filters.DateFilter(label=_("到"), method="to_day")

    class Meta:
        model = Fact
        fields = ("kind",)

    def from_day(self, found: QuerySet, name: str, day: dt.date) -> QuerySet:
        """Facts of this day or later."""
        return found.filter(at__gte=clock.at_time(day))

    def to_day(self, found: QuerySet, name: str, day: dt.date) -> QuerySet:
        """Facts of this day or earlier."""
        return found.filter(at__lt=clock.at_time(day) + dt.timedelta(days=1))

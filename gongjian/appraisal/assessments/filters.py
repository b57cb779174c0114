"""Filters of the list of subjects: result, what is under way, re-check, what lacks, ground."""

import django_filters
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.states import FINAL, STATES, UNDER_WAY
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.errors import NotFound
from gongjian.records.orgs import queries as orgs


class SubjectFilter(django_filters.FilterSet):
    """考评对象的筛选; `entry` is the list, set by the view on the request."""

    result = django_filters.ChoiceFilter(label=_("结论"), choices=(), method="by_result", empty_label=_("不限"))
    running = django_filters.ChoiceFilter(
        label=_("进度"), choices=[*((s, w) for s, w in STATES if s in UNDER_WAY), ("any", _("正在考评"))],
        method="by_running", empty_label=_("不限"),
    )  # fmt: skip
    lacks = django_filters.ChoiceFilter(label=_("缺哪一条"), choices=(), method="by_item", empty_label=_("不限"))
    below = django_filters.ChoiceFilter(label=_("所在"), choices=(), method="by_ground", empty_label=_("全部"))

    class Meta:
        fields = ("result", "running", "lacks", "below")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry = self.request.entry
        bands = [(band.id, band.title) for band in entry.bands]
        self.filters["result"].extra["choices"] = [*bands, ("none", _("没有有效结果")), ("due", _("该复查了"))]
        self.filters["lacks"].extra["choices"] = [(item.id, item.title) for item in entry.items]
        self.filters["below"].extra["choices"] = queries.grounds(self.request.actor)

    def by_result(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """By the band of the valid result, none, or due for a re-check."""
        valid = queries.own_assessments(self.entry).filter(state=FINAL)
        if value == "none":
            return found.exclude(Exists(valid))
        if value == "due":
            return found.filter(Exists(valid.filter(recheck_on__lte=clock.today())))
        return found.filter(Exists(valid.filter(band=value)))

    def by_running(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """By the state of what is under way."""
        states = UNDER_WAY if value == "any" else (value,)
        return found.filter(Exists(queries.own_assessments(self.entry).filter(state__in=states)))

    def by_item(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Who lacks an item: by records today, or by the valid result."""
        return queries.lacking(self.entry, found, value, clock.today())

    def by_ground(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """On the ground of a district, street or community, or in its subtree."""
        try:
            org = orgs.get_for(self.request.actor, value, permission=queries.VIEW)
        except NotFound:
            return found.none()
        return queries.below(self.entry, found, org)

"""Filters of the list of people."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.clock import add_months
from gongjian.records.people.models import Appointment, Dated, Membership, Person, Relation

AGES = [
    ("0-30", _("30 岁及以下")),
    ("31-45", _("31 至 45 岁")),
    ("46-60", _("46 至 60 岁")),
    ("61-200", _("61 岁及以上")),
]
KINDS = [*Membership.KINDS, *((f"r:{code}", label) for code, label in Relation.BY_HAND), ("officer", _("任职人员"))]


def born_between(youngest: int, oldest: int, today: dt.date) -> tuple[dt.date, dt.date]:
    """Dates of birth (both inside) of people whose completed years are between the two (both inside)."""
    return add_months(today, -12 * (oldest + 1)) + dt.timedelta(days=1), add_months(today, -12 * youngest)


class PersonFilter(django_filters.FilterSet):
    """人员的筛选; all conditions look at what holds today."""

    org = django_filters.NumberFilter(label=_("组织"), method="by_org", widget=forms.HiddenInput)
    kind = django_filters.ChoiceFilter(label=_("身份"), choices=KINDS, method="by_kind", empty_label=_("全部身份"))
    state = django_filters.ChoiceFilter(
        label=_("党籍"), choices=Membership.STATES, method="by_state", empty_label=_("全部状态")
    )
    sex = django_filters.ChoiceFilter(label=_("性别"), choices=Person.SEXES, empty_label=_("不限"))
    age = django_filters.ChoiceFilter(label=_("年龄"), choices=AGES, method="by_age", empty_label=_("不限"))
    mobile = django_filters.ChoiceFilter(
        label=_("流动党员"), choices=[("1", _("是")), ("0", _("否"))], method="by_mobile", empty_label=_("不限")
    )

    class Meta:
        model = Person
        fields = ("org", "kind", "state", "sex", "age", "mobile")

    @staticmethod
    def _having(model: type, condition: Q = Q()) -> Exists:  # noqa: B008 — an empty Q is never changed
        return Exists(model.objects.filter(Dated.current_q(clock.today()), condition, person=OuterRef("pk")))

    def by_org(self, found: QuerySet, name: str, value: object) -> QuerySet:
        """Those who belong, serve or relate to an organisation's subtree along either line."""
        part = f"/{int(value)}/"
        below = Q(org__path__contains=part) | Q(org__territory_path__contains=part)
        return found.filter(
            Q(self._having(Membership, below)) | Q(self._having(Appointment, below)) | Q(self._having(Relation, below))
        )

    def by_kind(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Members of a kind, those who relate, or officers."""
        if value == "officer":
            return found.filter(self._having(Appointment))
        if value.startswith("r:"):
            return found.filter(self._having(Relation, Q(kind=value[2:])))
        return found.filter(self._having(Membership, Q(kind=value)))

    def by_state(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Members in a state."""
        return found.filter(self._having(Membership, Q(state=value)))

    def by_mobile(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Mobile members, or the others."""
        return found.filter(self._having(Membership, Q(mobile=value == "1")))

    def by_age(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """By completed years."""
        low, high = (int(part) for part in value.split("-"))
        return found.filter(birth_date__range=born_between(low, high, clock.today()))

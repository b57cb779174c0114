"""Filters of the lists of drafts and of organisations that lack something."""

from typing import Any

import django_filters as filters
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.ground import policy
from gongjian.ground.kernel.scope import subtree_q
from gongjian.outlets.trial import queries
from gongjian.outlets.trial.models import Draft, Lack
from gongjian.outlets.trial.states import DRAFT_STATES
from gongjian.records.orgs.models import Organisation


class DraftFilter(filters.FilterSet):
    """By state."""

    state = filters.ChoiceFilter(label=_("状态"), choices=DRAFT_STATES, empty_label=_("全部"))

    class Meta:
        model = Draft
        fields = ("state",)


def _duties() -> list[tuple[str, str]]:
    return [(duty.id, duty.short) for duty in sorted(policy.current().duties, key=lambda duty: duty.order)]


def _kinds() -> list[tuple[str, str]]:
    return [(kind.id, kind.title) for kind in policy.current().org_kinds if kind.grassroots]


CHANGES = (
    ("worse", _("草案下更多不达标")), ("better", _("草案下更少不达标")), ("fresh", _("现行达标、草案不达标")),
    ("cured", _("现行不达标、草案达标")), ("same", _("一样多")),
)  # fmt: skip


class LackFilter(filters.FilterSet):
    """By duty, kind, district and what changes."""

    change = filters.ChoiceFilter(label=_("变化"), choices=CHANGES, empty_label=_("全部"), method="changed")
    duty = filters.ChoiceFilter(label=_("事项"), choices=_duties, empty_label=_("全部事项"))
    kind = filters.ChoiceFilter(label=_("类型"), field_name="org__kind", choices=_kinds, empty_label=_("全部"))
    district = filters.ChoiceFilter(label=_("城区"), empty_label=_("全市"), method="below")

    class Meta:
        model = Lack
        fields = ("change", "duty", "kind", "district")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # read before the page is rendered, where nobody may ask the database
        self.filters["district"].extra["choices"] = list(queries.districts().items())

    def changed(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Lines that get worse or better by the draft."""
        return {
            "worse": lambda: found.filter(short_after__gt=F("short_before")),
            "better": lambda: found.filter(short_after__lt=F("short_before")),
            "fresh": lambda: found.filter(short_before=0, short_after__gt=0),
            "cured": lambda: found.filter(short_before__gt=0, short_after=0),
            "same": lambda: found.filter(short_after=F("short_before")),
        }[value]()

    def below(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Organisations of one district; the root stands for itself."""
        org = Organisation.objects.get(pk=value)
        return found.filter(org=org) if org.parent_id is None else found.filter(subtree_q(org.path, prefix="org__"))

"""Filters of the list of imports."""

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from gongjian.outlets.exchange import queries
from gongjian.outlets.exchange.models import ImportJob
from gongjian.outlets.exchange.states import STATES


def _sheets() -> list[tuple[str, Any]]:
    return list(queries.titles().items())


class ImportFilter(filters.FilterSet):
    """By table, state and day of the upload."""

    sheet = filters.ChoiceFilter(label=_("表格"), choices=_sheets, empty_label=_("全部"))
    state = filters.ChoiceFilter(label=_("状态"), choices=STATES, empty_label=_("全部"))
    since = filters.DateFilter(label=_("上传日期不早于"), field_name="uploaded_at", lookup_expr="date__gte")

    class Meta:
        model = ImportJob
        fields = ("sheet", "state")

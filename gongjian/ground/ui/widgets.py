"""表单控件: widgets that Django does not have."""

from collections.abc import Callable
from typing import Any

from django import forms


class SearchSelect(forms.TextInput):
    """搜索选择: a text input whose suggestions htmx fetches from `url` while somebody types.

    It holds what a person reads (“某街道党工委”); the form field turns it into the object (`clean_…`). Without
    JavaScript it is a text input. `url` may be a function, for addresses that are not known at import. The server
    answers `?q=` with `ui/parts/options.html` and `options=[(value, hint)]`.
    """

    template_name = "django/forms/widgets/search_select.html"
    input_type = "search"

    def __init__(self, url: str | Callable[[], str], attrs: dict | None = None):
        super().__init__(attrs)
        self.url = url

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        """The context of the template, with the address of the suggestions."""
        context = super().get_context(name, value, attrs)
        context["widget"]["url"] = self.url() if callable(self.url) else str(self.url)
        context["widget"]["list"] = f"{context['widget']['attrs'].get('id') or name}_options"
        return context


class DayInput(forms.DateInput):
    """日期: the browser's own calendar; values as 2026-12-01 both ways."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MonthInput(forms.DateInput):
    """月份: a period like 2026-11, with the browser's month picker where it has one."""

    input_type = "month"
    template_name = "django/forms/widgets/input.html"

    def __init__(self, attrs: dict | None = None):
        super().__init__({"placeholder": "2026-11", "pattern": r"\d{4}-\d{2}", **(attrs or {})}, format="%Y-%m")


class Switch(forms.CheckboxInput):
    """开关: a checkbox that looks like a switch."""

    template_name = "django/forms/widgets/switch.html"

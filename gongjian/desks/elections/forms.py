"""Forms of the deeds of an election."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.elections.models import Election, Teller
from gongjian.desks.elections.states import STATES
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.ui.widgets import Switch
from gongjian.records.orgs.forms import DayField, OrganisationField


class ElectionFilter(django_filters.FilterSet):
    """筛选: by kind and state."""

    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("种类"), choices=Election.KINDS, empty_label=gettext_lazy("全部种类")
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=STATES, empty_label=gettext_lazy("全部状态")
    )

    class Meta:
        model = Election
        fields = ("kind", "state")


class PlanForm(forms.Form):
    """选举方案."""

    meeting_on = DayField(label=gettext_lazy("大会日期"))
    place = forms.CharField(label=gettext_lazy("地点"), max_length=120, required=False)
    committee_seats = forms.IntegerField(
        label=gettext_lazy("委员人数"), min_value=0, max_value=21, required=False, initial=0,
        help_text=gettext_lazy("含书记、副书记。正式党员不足 7 人的支部不设委员会，填 0。"),
    )  # fmt: skip
    secretary = forms.BooleanField(label=gettext_lazy("选举书记"), required=False, initial=True, widget=Switch)
    deputies = forms.IntegerField(label=gettext_lazy("副书记人数"), min_value=0, max_value=5, required=False, initial=0)
    reason = forms.CharField(
        label=gettext_lazy("事由"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("如任期届满，或因某职务出缺补选。"),
    )  # fmt: skip

    def plan(self) -> dict:
        """Keywords of `actions.prepare` and `actions.change`."""
        data = dict(self.cleaned_data)
        return data | {"committee_seats": data["committee_seats"] or 0, "deputies": data["deputies"] or 0}


class PrepareForm(PlanForm):
    """筹备选举."""

    org = OrganisationField(label=gettext_lazy("组织"), permission="elections.run")
    kind = forms.ChoiceField(label=gettext_lazy("种类"), choices=Election.KINDS)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].actor = actor
        self.order_fields(["org", "kind"])


class NoteForm(forms.Form):
    """批复."""

    note = forms.CharField(label=gettext_lazy("批复文号或意见"), max_length=200)


class ConfirmForm(NoteForm):
    """批复结果."""

    on = DayField(label=gettext_lazy("批复日期"), help_text=gettext_lazy("新任职从这一天起生效。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today


class ReasonForm(forms.Form):
    """原因."""

    reason = forms.CharField(label=gettext_lazy("原因或意见"), max_length=200, widget=forms.Textarea({"rows": 2}))


class CandidatesForm(forms.Form):
    """候选人: ticked from those who may be elected."""

    people = forms.MultipleChoiceField(
        label=gettext_lazy("候选人"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, eligible: list, standing: list, note: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(str(row.person.pk), row.person.name) for row in eligible]
        self.fields["people"].initial = [str(row.person_id) for row in standing]
        if note:
            self.fields["note"] = forms.CharField(label=gettext_lazy("上级同意更换的批复"), max_length=100)

    def clean_people(self) -> list[int]:
        """Ids."""
        return [int(value) for value in self.cleaned_data["people"]]


class TellersForm(forms.Form):
    """监票人、计票人: from those who do not stand."""

    def __init__(self, *args: Any, electors: list, standing: set[int], known: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("不担任")), *Teller.ROLES]
        for row in electors:
            if row.person.pk not in standing and row.has_vote:
                self.fields[f"person_{row.person.pk}"] = forms.ChoiceField(
                    label=row.person.name, choices=choices, required=False, initial=known.get(row.person.pk, "")
                )
        self.fields["agreed"] = forms.BooleanField(label=gettext_lazy("以上人选已经会议通过"))

    def people(self) -> dict[int, str]:
        """Person → role."""
        return {int(name[7:]): role for name, role in self.cleaned_data.items() if name.startswith("person_") and role}


class ConveneForm(forms.Form):
    """召开选举大会."""

    held_on = DayField(label=gettext_lazy("大会日期"))
    method_passed = forms.BooleanField(
        label=gettext_lazy("选举办法已经大会通过"), help_text=gettext_lazy("含当选票数、计票办法、票数相等怎么办。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].initial = clock.today


class DutiesForm(forms.Form):
    """委员分工."""

    def __init__(self, *args: Any, winners: list, single: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", _("委员")),
            *(
                (p.id, p.title)
                for p in policy.current().posts
                if p.committee and p.id not in single | {"committee_member"}
            ),
        ]
        for row in winners:
            self.fields[f"person_{row.person_id}"] = forms.ChoiceField(
                label=row.person.name, choices=choices, required=False, initial=row.duty
            )

    def duties(self) -> dict[int, str]:
        """Person → duty."""
        return {int(name[7:]): duty for name, duty in self.cleaned_data.items()}


class ShiftForm(forms.Form):
    """请示延期换届."""

    until = DayField(label=gettext_lazy("延期至"))
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300, widget=forms.Textarea({"rows": 2}))

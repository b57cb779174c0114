"""Forms of voting: one's ballot, the tellers' numbers, a written opinion."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.engines.voting import queries, rules


class BallotForm(forms.Form):
    """选票: one choice for each item, and names where somebody may be written in."""

    def __init__(self, *args: Any, poll: queries.Poll, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.poll = poll
        options = [(option["id"], option["label"]) for option in poll.options]
        for n, item in enumerate(poll.items):
            self.fields[f"item_{n}"] = forms.ChoiceField(
                label=item["label"], choices=options, help_text=item.get("note", ""),
                widget=forms.RadioSelect, required=len(poll.items) == 1,
                error_messages={"required": _("请选择一项。")},
            )  # fmt: skip
        if poll.write_ins:
            self.fields["write_ins"] = forms.CharField(
                label=gettext_lazy("另选他人"), required=False, max_length=200, widget=forms.Textarea({"rows": 2}),
                help_text=gettext_lazy("不赞成某位候选人的，可以在这里另写姓名，一行一个；也可以不写。"),
            )  # fmt: skip

    def rows(self) -> list[dict]:
        """Items with their bound fields, for the page."""
        return [{"item": item, "field": self[f"item_{n}"]} for n, item in enumerate(self.poll.items)]

    def ballot(self) -> dict:
        """Keywords of `actions.cast`."""
        chosen = {item["id"]: self.cleaned_data[f"item_{n}"] for n, item in enumerate(self.poll.items)}
        return {
            "choices": {item: option for item, option in chosen.items() if option},
            "write_ins": self.cleaned_data.get("write_ins", "").splitlines(),
        }


class PapersForm(forms.Form):
    """纸质票清点: ballots collected and invalid, and the votes of each item by answer."""

    collected = forms.IntegerField(label=gettext_lazy("收回选票"), min_value=0, max_value=5000)
    invalid = forms.IntegerField(label=gettext_lazy("其中无效"), min_value=0, max_value=5000, initial=0)
    tellers = forms.CharField(
        label=gettext_lazy("监票人、计票人"), max_length=200, help_text=gettext_lazy("写姓名，用顿号分开。")
    )

    def __init__(self, *args: Any, poll: queries.Poll, paper: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.poll = poll
        if paper is not None:
            self.initial |= {"collected": paper.collected, "invalid": paper.invalid, "tellers": paper.tellers}
        for n, item in enumerate(poll.items):
            for m, option in enumerate(poll.options):
                if option["id"] == rules.ABSTAIN:
                    continue  # what is not marked is an abstention
                known = paper.tallies.get(item["id"], {}).get(option["id"]) if paper is not None else None
                self.fields[f"votes_{n}_{m}"] = forms.IntegerField(
                    label=f"{item['label']}：{option['label']}", min_value=0, max_value=5000, initial=known or 0
                )
        if poll.write_ins:
            names = "\n".join(f"{name} {votes}" for name, votes in paper.write_ins.items()) if paper else ""
            self.fields["write_ins"] = forms.CharField(
                label=gettext_lazy("另选他人"), required=False, widget=forms.Textarea({"rows": 3}), max_length=2000,
                initial=names, help_text=gettext_lazy("一行一人，姓名和票数之间空一格，例如：张三 2"),
            )  # fmt: skip

    def clean_write_ins(self) -> dict[str, int]:
        """Names with their votes."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["write_ins"].splitlines():
            if not line.strip():
                continue
            name, _space, number = line.strip().rpartition(" ")
            if not name.strip() or not number.isdecimal() or not int(number):
                raise forms.ValidationError(_("“%(line)s”看不懂，请写成“姓名 票数”。") % {"line": line.strip()[:40]})
            found[name.strip()] = found.get(name.strip(), 0) + int(number)
        return found

    def papers(self) -> dict:
        """Keywords of `actions.record_paper`."""
        tallies = {
            item["id"]: {
                option["id"]: self.cleaned_data[f"votes_{n}_{m}"]
                for m, option in enumerate(self.poll.options)
                if option["id"] != rules.ABSTAIN
            }
            for n, item in enumerate(self.poll.items)
        }
        return {
            "collected": self.cleaned_data["collected"], "invalid": self.cleaned_data["invalid"], "tallies": tallies,
            "write_ins": self.cleaned_data.get("write_ins") or {}, "tellers": self.cleaned_data["tellers"],
        }  # fmt: skip


class OpinionForm(BallotForm):
    """书面意见: whose, and what it says."""

    def __init__(self, *args: Any, poll: queries.Poll, absent: list, **kwargs: Any) -> None:
        super().__init__(*args, poll=poll, **kwargs)
        self.fields.pop("write_ins", None)
        choices = [("", _("请选择")), *((str(row.person_id), row.person.name) for row in absent)]
        self.fields["person"] = forms.ChoiceField(
            label=gettext_lazy("党员"),
            choices=choices,
            help_text=gettext_lazy("会前正式提出书面意见、没有到会的正式党员。"),
        )

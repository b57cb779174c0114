"""Minutes on one page, point by point, with drafts and what became of the last decisions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, drafts, follow_ups, queries
from gongjian.desks.activities.actions.minuting import Overtaken
from gongjian.desks.activities.looks import FOLLOW_UP
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.views.meeting import led
from gongjian.desks.activities.views.planning import back
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.policy.meetings_schema import MinutesRules
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page

LONGEST_NOTE = 5000


class MinutesForm(forms.Form):
    """会议记录: a note for each point of the agenda, a summary, and rows of decisions below their point."""

    def __init__(
        self, data: Mapping[str, str] | None, *, agenda: Sequence[str], content: drafts.Content, people: Sequence,
        problems: bool,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.notes = [f"note_{n}" for n in range(len(agenda))]
        self.problems, self.rows = problems, []
        for n, point in enumerate(agenda):
            self.fields[f"note_{n}"] = forms.CharField(
                label=point, required=False, initial=drafts.note_for(content, n, point), max_length=LONGEST_NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
        self.fields["text"] = forms.CharField(
            label=_("概述") if agenda else _("记录"), required=False, initial=content.get("text", ""), max_length=20000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )  # fmt: skip
        names = [("", _("未定")), *((str(person.pk), person.name) for person in people)]
        for n, row in enumerate(content["decisions"]):
            self._add_row(n, row, names)

    def _add_row(self, n: int, row: Mapping[str, Any], names: list[tuple[str, str]]) -> None:
        self.fields[f"decision_{n}"] = forms.CharField(
            label=_("整改措施") if self.problems else _("决定 %(n)d") % {"n": n + 1}, required=False, max_length=500,
            initial=row["text"],
        )  # fmt: skip
        self.fields[f"owner_{n}"] = forms.ChoiceField(
            label=_("责任人"), required=False, choices=names, initial=str(row["owner"] or "")
        )
        self.fields[f"due_{n}"] = forms.DateField(label=_("完成时限"), required=False, initial=row["due_on"])
        self.fields[f"id_{n}"] = forms.IntegerField(required=False, initial=row["id"], widget=forms.HiddenInput)
        self.fields[f"point_{n}"] = forms.IntegerField(required=False, initial=row["point"], widget=forms.HiddenInput)
        if self.problems:
            self.fields[f"problem_{n}"] = forms.CharField(
                label=_("问题"), required=False, max_length=300, initial=row["problem"]
            )
        self.rows.append((n, row["point"]))

    def group(self, point: int | None) -> dict[str, Any]:
        """What the page shows for one point of the agenda (None: what belongs to none): its note and its decisions."""
        found = [
            {"problem": self[f"problem_{n}"] if self.problems else None, "text": self[f"decision_{n}"],
             "owner": self[f"owner_{n}"], "due": self[f"due_{n}"], "hidden": (self[f"id_{n}"], self[f"point_{n}"])}
            for n, at in self.rows if at == point
        ]  # fmt: skip
        return {"n": point, "note": self[f"note_{point}"] if point is not None else self["text"], "rows": found}

    def decided(self) -> list[dict]:
        """Decisions as the deed takes them."""
        data = self.cleaned_data
        return [
            {"id": data[f"id_{n}"], "text": data[f"decision_{n}"], "due_on": data[f"due_{n}"],
             "owner": int(data[f"owner_{n}"]) if data[f"owner_{n}"] else None, "point": data[f"point_{n}"],
             "problem": data.get(f"problem_{n}", "")}
            for n, _point in self.rows
        ]  # fmt: skip


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _rules(activity: queries.Activity) -> MinutesRules:
    return policy.on(clock.day_of(activity.starts_at)).meetings.minutes


def _spare(content: drafts.Content, agenda: Sequence[str]) -> drafts.Content:
    """An empty decision to fill in below the last point, if there is none yet."""
    last = len(agenda) - 1 if agenda else None
    if any(not row["text"].strip() and row["point"] == last for row in content["decisions"]):
        return content
    return drafts.with_row(content, last)


def _fresh(activity: queries.Activity, report: list[follow_ups.FollowUp]) -> drafts.Content:
    """Minutes before anybody wrote: the point on the last decisions is filled in from the follow-ups."""
    words, notes = _rules(activity).report_points, []
    text = follow_ups.report_text(report, clock.day_of(activity.starts_at))
    for point in activity.agenda:
        told = any(word in point for word in words)
        notes.append({"point": point, "note": text if told else ""})
    return {"notes": notes, "text": "", "decisions": []}


def _content(activity: queries.Activity, known: queries.Minutes | None, draft: queries.MinutesDraft | None) -> tuple:
    """(what the form begins with, whether two were merged)."""
    saved = queries.content_of(known) if known else None
    if draft is None:
        return saved, False
    if known is not None and draft.seen != known.version:
        base = queries.revision_of(known, draft.seen)
        return drafts.merged(base or {"notes": [], "text": "", "decisions": []}, saved, draft.payload), True
    return draft.payload, False


def _people(activity: queries.Activity) -> list:
    found = {one.person_id: one.person for one in queries.attendance_of(activity)[:300]}
    found |= {person.pk: person for person in queries.candidates(activity.org, clock.day_of(activity.starts_at))[:300]}
    return sorted(found.values(), key=lambda person: (person.pinyin, person.pk))


@needs("activities.hold")
def minutes(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Write the minutes point by point."""
    activity = led(request, activity_id, "activities.hold")
    known, form_of = queries.minutes_of(activity), queries.form_of(activity)
    people = _people(activity)
    problems = "problems" in form_of.asks
    typed = drafts.from_fields(request.POST.dict(), activity.agenda)
    if request.method == "POST":
        if request.POST.get("do"):
            return _typed_on(request, activity, typed, form_of.phrases)
        form = MinutesForm(request.POST, agenda=activity.agenda, content=typed, people=people, problems=problems)
        if form.is_valid():
            answer = _save(request, activity, form, typed)
            if answer is not None:
                return answer
        merged = False
    else:
        draft = queries.draft_of(activity, request.actor)
        content, merged = _content(activity, known, draft)
        report = follow_ups.to_report(activity)
        if content is None:
            content = _fresh(activity, report)
        elif draft is None and not content["text"] and not any(one["note"] for one in content["notes"]):
            content = {**content, "notes": _fresh(activity, report)["notes"]}  # only put to the vote so far
        content = _spare(content, activity.agenda)
        form = MinutesForm(None, agenda=activity.agenda, content=content, people=people, problems=problems)
    return _page(request, activity, form, known, merged)


def _page(
    request: HttpRequest, activity: queries.Activity, form: MinutesForm, known: queries.Minutes | None, merged: bool
) -> HttpResponse:
    draft, day = queries.draft_of(activity, request.actor), clock.today()
    report = follow_ups.to_report(activity)
    for one in report:
        one.shown = follow_ups.state_of(one, day)
    groups = [form.group(n) for n in range(len(activity.agenda))]
    errors = [error for field in form.visible_fields() for error in field.errors] + list(form.non_field_errors())
    can = abilities(activity, request.actor, None)
    saver = queries.names_of([known.recorded_by]).get(known.recorded_by, "") if known else ""
    return page(
        request, "activities/minutes.html",
        {"activity": activity, "form": form, "groups": groups, "rest": form.group(None), "report": report, "known": known,
         "looks": FOLLOW_UP, "draft": draft, "merged": merged, "saver": saver, "errors": errors, "can": can,
         "writers": _writers(request, activity), "phrases": queries.form_of(activity).phrases,
         "seen": _seen(request) if request.method == "POST" else known.version if known else 0},
    )  # fmt: skip


def _writers(request: HttpRequest, activity: queries.Activity) -> list[tuple[str, dt.datetime]]:
    since = clock.now() - dt.timedelta(minutes=_rules(activity).writing_minutes)
    return [(name, at) for name, at in queries.other_writers(activity, request.actor) if at >= since]


def _typed_on(
    request: HttpRequest, activity: queries.Activity, typed: drafts.Content, phrases: Sequence[str]
) -> HttpResponse:
    """Buttons of the page that do not save: one more decision, a phrase, keep or drop the draft. All work by HTML alone."""
    do, _colon, at = request.POST["do"].partition(":")
    place = ""
    if do == "add":
        point = int(at) if at.isdigit() else None
        typed, place = drafts.with_row(typed, point), f"#point-{at}" if at else "#rest"
    elif do == "say":
        n, _dash, which = at.partition("-")
        if n.isdigit() and which.isdigit() and int(which) < len(phrases):
            typed, place = drafts.with_phrase(typed, int(n), phrases[int(which)]), f"#point-{n}"
    with attempt(request) as done:
        if do == "drop":
            actions.drop_draft(activity=activity, by=request.actor)
        else:
            actions.save_draft(activity=activity, content=typed, seen=_seen(request), by=request.actor)
    if done and do in ("drop", "keep"):
        messages.success(request, _("草稿已放弃。") if do == "drop" else _("草稿已保存，下次打开接着写。"))
    return redirect(reverse("activities:minutes", args=[activity.pk]) + place)


def _save(
    request: HttpRequest, activity: queries.Activity, form: MinutesForm, typed: drafts.Content
) -> HttpResponse | None:
    with attempt(request, form, _("记录已保存。")) as done:
        actions.record_minutes(
            activity=activity, by=request.actor, notes=[form.cleaned_data[name] for name in form.notes],
            text=form.cleaned_data["text"], decisions=form.decided(),
            seen=_seen(request) if "seen" in request.POST else None,
        )  # fmt: skip
    if done:
        if request.POST.get("then") == "sign_off":
            return redirect("activities:sign_off", activity.pk)
        return back(activity)
    if isinstance(done.refusal, Overtaken):
        # What was typed goes into the draft; the page that follows shows both, merged.
        actions.save_draft(activity=activity, content=typed, seen=_seen(request), by=request.actor)
        return redirect("activities:minutes", activity.pk)
    return None


@needs("activities.hold")
@require_POST
def draft(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Keep what is typed, for htmx, every few seconds; tells who else is writing."""
    activity = led(request, activity_id, "activities.hold")
    typed = drafts.from_fields(request.POST.dict(), activity.agenda)
    kept = actions.save_draft(activity=activity, content=typed, seen=_seen(request), by=request.actor)
    known = queries.minutes_of(activity)
    return fragment(
        request, "activities/parts/draft.html",
        {"activity": activity, "draft": kept, "writers": _writers(request, activity),
         "overtaken": known is not None and known.version != _seen(request)},
    )  # fmt: skip

"""Reads of drafts and trials: for those who hold the right over the whole city; and their results, small numbers kept back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from gongjian.appraisal.standards.models import Standing
from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy import folders, store
from gongjian.ground.policy.models import PackVersion
from gongjian.ground.policy.problems import Problem
from gongjian.ground.policy.schema import Pack
from gongjian.outlets.trial import edits, rules, showing
from gongjian.outlets.trial.forms import LABELS, PARTS, said
from gongjian.outlets.trial.models import Draft, Lack, Trial
from gongjian.outlets.trial.scoring import moment_of
from gongjian.outlets.trial.states import BUSY, DONE, SUBMITTED
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

MOST_YEARS = 10
STATES = Standing.STATES


def root() -> Organisation:
    """The city's own organisation, over which a policy is made."""
    found = Organisation.objects.filter(parent=None).order_by("pk").first()
    if found is None:
        raise NotFound(_("还没有登记市一级的党组织。"))
    return found


def may(actor: Actor, code: str) -> bool:
    """Whether the actor holds a permission over the whole city: a part of it has no policy of its own."""
    if actor.kind == "system":
        return True
    found = Organisation.objects.filter(parent=None).order_by("pk").first()
    return found is not None and actor.may_at(code, found)


def require(actor: Actor, code: str) -> None:
    """Raise Forbidden unless held over the whole city."""
    actor.require(code)
    if not may(actor, code):
        raise Forbidden(_("政策是全市的，只有全市范围的授权才能办理。"))


def visible_to(actor: Actor) -> QuerySet[Draft]:
    """All drafts, for those who may look at them; none otherwise."""
    return Draft.objects.all() if may(actor, "trial.view") else Draft.objects.none()


def get_for(actor: Actor, ident: int | str) -> Draft:
    """One draft; NotFound if the actor sees none."""
    try:
        return visible_to(actor).get(pk=ident)
    except (Draft.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(_("没有找到这份政策草案，或者它不在您的可见范围内。")) from None


def trials_for(actor: Actor) -> QuerySet[Trial]:
    """All trials, without the packs that were compared, which are long; none for those who may not look."""
    found = Trial.objects.select_related("draft").defer("before", "after", "draft__base", "draft__uploaded")
    return found if may(actor, "trial.view") else found.none()


def trial_for(actor: Actor, ident: int | str) -> Trial:
    """One trial; NotFound if the actor sees none."""
    try:
        return trials_for(actor).get(pk=ident)
    except (Trial.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(_("没有找到这次试算，或者它已按期清理。")) from None


# --- drafts -------------------------------------------------------------------------------------------------------
def start_of(draft: Draft) -> dict:
    """The content that the draft's edits are laid over."""
    return draft.uploaded or draft.base


def content_of(draft: Draft, *, starts_on: dt.date, version: str = "") -> dict:
    """The draft as a pack that takes effect on a day."""
    return edits.laid_over(
        start_of(draft), draft.edits, starts_on=starts_on, version=version or draft.version or proposed_version(draft)
    )


def proposed_version(draft: Draft) -> str:
    """The next free number."""
    taken = PackVersion.objects.filter(pack=draft.pack).values_list("version", flat=True)
    return edits.next_version(draft.base_version, taken)


def checked(content: dict) -> tuple[Pack | None, list[Problem]]:
    """The pack of a content and everything wrong with it, by the pack's own checker."""
    known = {"fact_kinds": set(registry.fact_kinds()), "permissions": set(registry.permissions())}
    pack, _content, problems = folders.examine(folders.Draft(folders.node_of(content), []), **known)
    return pack, problems


def over_budget(draft: Draft, starts_on: dt.date) -> list[str]:
    """One sentence for each place where the draft asks more of people than the burden's budget."""
    pack, _problems = checked(content_of(draft, starts_on=starts_on))
    return store.over_budget(pack) if pack else []


def digest_of(draft: Draft) -> str:
    """What the draft says, in short: equal when it says the same, laid over the same."""
    return folders.digest_of({"base": draft.base_digest, "start": start_of(draft), "edits": draft.edits})


def differences(draft: Draft, starts_on: dt.date) -> list[str]:
    """What the draft changes, one sentence each, without number and day of the version."""
    content = content_of(draft, starts_on=starts_on)
    before = draft.base | {"version": content["version"], "effective_from": content["effective_from"]}
    return policy.diff(before, content)


def is_behind(draft: Draft) -> bool:
    """Whether another pack has been stored since the draft was begun."""
    stored = (
        PackVersion.objects.filter(pack=draft.pack).order_by("-effective_from", "-id").values_list("digest").first()
    )
    return stored is not None and stored[0] != draft.base_digest


def tried(draft: Draft) -> Trial | None:
    """The last finished trial of exactly what the draft says now."""
    return draft.trials.filter(state=DONE, digest=digest_of(draft)).defer("before", "after").order_by("-pk").first()


def names_of(ids: Sequence[int | None]) -> dict[int, str]:
    """Names of persons by id."""
    return dict(Person.objects.filter(pk__in=[one for one in ids if one]).values_list("pk", "name"))


def years() -> list[int]:
    """The years in which anything happened that the pack gives points for or asks of organisations, newest first.

    What began this year is tried as far as it has come.
    """
    pack, today = policy.current(), clock.today().year
    kinds = sorted({rule.fact for rule in pack.points.rules} | {duty.done_by.fact for duty in pack.duties})
    # one look at the end of an index for each kind, however many facts there are
    looks = ", ".join(["(SELECT MIN(at) FROM facts_fact WHERE kind = %s)"] * len(kinds))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {looks}", kinds)
        found = [clock.day_of(moment_of(at)).year for at in cursor.fetchone() if at is not None]
    first = max(min(found, default=today), today - MOST_YEARS)
    return list(range(today, min(first, today) - 1, -1))


def most() -> tuple[int, int]:
    """The highest ids of persons and organisations."""
    return tuple(model.objects.aggregate(most=Max("pk"))["most"] or 0 for model in (Person, Organisation))


def waiting_for(actor: Actor) -> list[Draft]:
    """Drafts that somebody else handed in and this actor may approve."""
    if not actor.may("trial.approve") or not may(actor, "trial.approve"):
        return []
    found = Draft.objects.filter(state=SUBMITTED).exclude(submitted_by=actor.person or 0)
    return list(found.defer("base", "uploaded", "edits").order_by("submitted_at")[:20])


# --- trials -------------------------------------------------------------------------------------------------------
def progress_of(trial: Trial) -> dict[str, Any]:
    """How far it is: {busy, done, total, share}, in weights of parts."""
    busy = trial.state in BUSY
    sums = trial.parts.aggregate(total=Sum("weight"), done=Sum("weight", filter=Q(state="done"))) if busy else {}
    done, total = sums.get("done") or 0, sums.get("total") or 0
    return {"busy": busy, "done": done, "total": total, "share": rules.share(done, total)}


def lacks_for(actor: Actor, trial: Trial) -> QuerySet[Lack]:
    """The organisations that lack something in a trial, as far as the actor sees organisations."""
    return (
        Lack.objects.filter(scope_q(actor, "orgs.view", prefix="org__"), trial=trial).select_related("org")
    )  # fmt: skip


def packs(trial: Trial) -> tuple[Pack, Pack]:
    """The packs that were compared."""
    before, after = Trial.objects.filter(pk=trial.pk).values_list("before", "after").get()
    return folders.parse(before), folders.parse(after)


def districts() -> dict[str, str]:
    """The organisations directly below the root, by id as text; the root's own units under its name."""
    top = root()
    found = {
        str(org.pk): org.short_name or org.name for org in Organisation.objects.filter(parent=top).order_by("path")
    }
    return {**found, str(top.pk): _("市本级")}


def results_of(trial: Trial) -> dict[str, Any]:
    """What came of a finished trial, ready for a page."""
    return showing.results(trial.results or {}, least=policy.current().trials.least_shown, districts=districts())


def lack_counts(trial: Trial) -> dict[str, int]:
    """How many organisations fall short of something by each pack, and how many only by the draft or only now."""
    by_org = (
        Lack.objects.filter(trial=trial).values("org").annotate(before=Sum("short_before"), after=Sum("short_after"))
    )
    rows = by_org.values_list("before", "after")
    return {
        "before": sum(before > 0 for before, _after in rows), "after": sum(after > 0 for _before, after in rows),
        "fresh": sum(after > 0 == before for before, after in rows),
        "cured": sum(before > 0 == after for before, after in rows),
    }  # fmt: skip


# --- entries ------------------------------------------------------------------------------------------------------
def changes_of(draft: Draft, starts_on: dt.date) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """What a draft changes: (entry, field, before, after) of what is tuned, and a sentence for everything else."""
    content = content_of(draft, starts_on=starts_on)
    pack = folders.parse(content)
    rows = [
        (f"{PARTS[part]} · {title}" if title else str(PARTS[part]), str(LABELS[field]), said(field, old, pack), said(field, new, pack))
        for part, _ident, title, field, old, new in edits.tuned(draft.base, content)
    ]  # fmt: skip
    same = {name: draft.base[name] for name in ("version", "effective_from", "examples") if name in draft.base}
    return [*rows, *_example_rows(draft.base, content, pack)], policy.diff(
        draft.base, edits.untuned(draft.base, content) | same
    )


def _example_rows(before: dict, after: dict, pack: Pack) -> list[tuple[str, str, str, str]]:
    """The examples that come out otherwise: what follows from a change, worked out."""
    words = {state: str(word) for state, word in STATES} | {"not_applicable": _("不适用")}
    rows = []
    for kind in ("points", "standings"):
        old = {one["id"]: one for one in before.get("examples", {}).get(kind, [])}
        for one in after.get("examples", {}).get(kind, []):
            left = old.get(one["id"])
            if left is None or left["expect"] == one["expect"]:
                continue
            title = _("算例 · %(title)s") % {"title": one["title"]}
            if kind == "standings":
                rows.append((title, _("判定"), words.get(left["expect"], ""), words.get(one["expect"], "")))
                continue
            sums = [
                {(line["rule"], line.get("person"), line.get("org")): line["points"] for line in ex["expect"]}
                for ex in (left, one)
            ]
            for key in dict.fromkeys([*sums[0], *sums[1]]):
                rule = pack.points.rules.get(key[0])
                was, now = (found.get(key, "0") for found in sums)
                if was != now:
                    rows.append((title, _("“%(rule)s”得分") % {"rule": rule.title if rule else key[0]}, was, now))
    return rows


def silent_in(draft: Draft) -> list[str]:
    """The titles of entries whose published words were left as they were although their numbers change."""
    start = start_of(draft)
    return [
        edits.entries(start, key.partition("/")[0])[key.partition("/")[2]]["title"] for key in edits.silent(draft.edits)
    ]


def entries_of(draft: Draft, part: str) -> list[dict[str, Any]]:
    """A part's entries as the draft has them, each with what it says and whether that was changed."""
    start = start_of(draft)
    content, pack = content_of(draft, starts_on=clock.today()), folders.parse(start)
    now, found = edits.entries(content, part), []
    for ident, before in edits.entries(start, part).items():
        values = edits.values_of(now.get(ident, before), part)
        cells = []
        for name in edits.FIELDS[part]:
            if name in (edits.OFF, "at_most.per", *edits.WORDS):
                continue
            text = said(name, values[name], pack)
            if name == "at_most.points":
                text = f"{text} / {said('at_most.per', values['at_most.per'], pack)}" if values[name] else _("不封顶")
            cells.append((str(LABELS[name]), text if values[name] else "—" if name != "at_most.points" else text))
        edited = draft.edits.get(edits.key_of(part, ident), {})
        found.append({
            "id": ident, "title": now.get(ident, before).get("title", str(PARTS[part])),
            "text": now.get(ident, before).get("text", before.get("about", "")),
            "cells": cells, "changed": bool(edited), "off": bool(edited.get(edits.OFF)), "until": before.get("until", ""),
        })  # fmt: skip
    return found


def entry_of(draft: Draft, part: str, ident: str) -> dict[str, Any]:
    """One entry: what it says where the draft began (`start`) and in the draft (`values`). NotFound if there is none."""
    start = edits.entries(start_of(draft), part).get(ident)
    if start is None:
        raise NotFound(_("政策包里没有这一条。"))
    values = edits.values_of(start, part)
    edited = draft.edits.get(edits.key_of(part, ident), {})
    return {
        "title": start.get("title", str(PARTS[part])), "text": start.get("text", start.get("about", "")),
        "basis": start.get("basis", ""), "start": values, "values": {**values, **edited}, "edited": bool(edited),
    }  # fmt: skip

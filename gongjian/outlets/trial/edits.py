"""草案的改动 (pure): what a city tunes, entry by entry, laid over a pack's stored content.

Edits are kept apart from the content: `{"rules/attend_theme_day": {"points": "2"}}`. So they say by themselves what was
meant, and can be laid over another pack when the one they were written for is no longer the newest.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import deepcopy

from pydantic import ValidationError

from gongjian.ground.policy import rules
from gongjian.ground.policy.schema import Pack

OFF = "off"
#: part → the fields that may be tuned there; a dot leads into a field
FIELDS = {
    "rules": ("points", "per_quantity", "quantity_at_most", "at_most.points", "at_most.per", "text", OFF),
    "dimensions": ("full",),
    "frame": ("cap", "floor"),
    "duties": (
        "times", "per", "applies_to", "warn_days_before", "remind_days_before", "escalate_after_working_days", "title",
        "text", OFF,
    ),
}  # fmt: skip
LISTS = ("applies_to", "remind_days_before")
WORDS = ("title", "text")  # what is published of a rule; it should say what the numbers say
FRAME = "frame"  # the one entry of the part `frame`

Edits = Mapping[str, Mapping[str, str | list[str]]]


def key_of(part: str, ident: str) -> str:
    """How an entry is named in edits."""
    return f"{part}/{ident}"


def entries(content: Mapping, part: str) -> dict[str, dict]:
    """The entries of a part by id, as they are stored."""
    if part == FRAME:
        return {FRAME: content["points"]["frame"]}
    found = content["duties"] if part == "duties" else content["points"][part]
    return {entry["id"]: entry for entry in found}


def values_of(entry: Mapping, part: str) -> dict[str, str | list[str]]:
    """What an entry says in each field that may be tuned; "" (or an empty list) where it says nothing."""
    found: dict[str, str | list[str]] = {}
    for field in FIELDS[part]:
        if field == OFF:
            found[field] = ""
            continue
        at: object = entry
        for step in field.split("."):
            at = at.get(step, "") if isinstance(at, Mapping) else ""
        found[field] = at or ([] if field in LISTS else "")  # type: ignore[assignment]
    return found


def changed(before: Mapping, given: Mapping) -> dict:
    """The fields of `given` that differ from what stands in `before`."""
    return {field: value for field, value in given.items() if value != before[field]}


def laid_over(content: Mapping, edits: Edits, *, starts_on: dt.date, version: str) -> dict:
    """The content with the edits, as a version that takes effect on a day. What is switched off ends the day before.

    Edits of entries that the content does not have are left out; the examples say what the new rules give.
    """
    made = deepcopy(dict(content))
    made["effective_from"], made["version"] = starts_on.isoformat(), version
    for key, fields in edits.items():
        part, _slash, ident = key.partition("/")
        entry = entries(made, part).get(ident)
        if entry is None:
            continue
        for field, value in fields.items():
            _put(entry, field, value, starts_on)
        if isinstance(entry.get("at_most"), dict) and not entry["at_most"].get("points"):
            del entry["at_most"]
    _drop_never_in_force(made, edits)
    return with_examples(made) if edits else made


def _put(entry: dict, field: str, value: str | list[str], starts_on: dt.date) -> None:
    if field == OFF:
        if value:
            entry["until"] = (starts_on - dt.timedelta(days=1)).isoformat()
        return
    *way, last = field.split(".")
    for step in way:
        entry = entry.setdefault(step, {})
    if value in ("", []):
        entry.pop(last, None)
    else:
        entry[last] = value


def _drop_never_in_force(content: dict, edits: Edits) -> None:
    """What is switched off before its first day was never in force, and the checker refuses such dates."""
    for part, home in (("rules", content["points"]), ("duties", content)):
        off = {key.partition("/")[2] for key, fields in edits.items() if key.startswith(part) and fields.get(OFF)}
        home[part] = [
            entry for entry in home[part] if entry["id"] not in off or entry.get("until", "9") >= entry.get("from", "")
        ]


def with_examples(content: dict) -> dict:
    """The content with examples that expect what its rules give; unchanged if it is no pack yet.

    An example shows what a rule means: who changes the rule changes it too, and sees so in the list of differences.
    """
    try:
        pack = Pack.model_validate(content)
    except ValidationError:
        return content
    written = content.get("examples", {})
    for raw, example in zip(written.get("points", []), pack.examples.points, strict=True):
        tally, got = rules.Tally(pack), {}
        for fact in example.facts:
            deed = rules.Deed(
                fact.id, fact.fact, fact.at, fact.person, fact.org, fact.quantity, fact.data, fact.corrects
            )
            for award in tally.add(deed):
                key = (award.rule.id, *award.subject)
                got[key] = got.get(key, 0) + award.points
        raw["expect"] = [line for line in _expected(raw["expect"], got) if line["rule"] in pack.points.rules]
    known = {duty.id: duty for duty in pack.duties}
    for raw, example in zip(written.get("standings", []), pack.examples.standings, strict=True):
        if example.duty in known:
            raw["expect"] = _state(pack, known[example.duty], example)
    if "standings" in written:
        written["standings"] = [raw for raw in written["standings"] if raw["duty"] in known]
    return content


def _expected(written: list[dict], got: dict[tuple, int]) -> list[dict]:
    left = {key: points for key, points in got.items() if points}
    found = []
    for line in written:
        kind, who = ("person", line["person"]) if "person" in line else ("organisation", line["org"])
        found.append({**line, "points": str(left.pop((line["rule"], kind, int(who)), 0))})
    for (rule, kind, who), points in left.items():
        found.append({"rule": rule, "person" if kind == "person" else "org": str(who), "points": str(points)})
    return found


def _state(pack: Pack, duty, example) -> str:
    org = rules.OrgView(
        example.org.kind, example.org.formal_count, example.org.group_count, example.org.founded_on,
        example.org.dissolved_on,
    )  # fmt: skip
    events = [rules.Event(one.on, one.state, one.counts_for or None) for one in example.occurrences]
    standing = rules.standing_of(pack, duty, org, events, example.today, example.on)
    return standing.state if standing is not None else "not_applicable"


def tuned(before: Mapping, after: Mapping) -> list[tuple[str, str, str, str, object, object]]:
    """What differs in the fields that may be tuned: (part, id, title, field, before, after), in the pack's order.

    What was switched off differs in its last day: field `until`.
    """
    found = []
    for part, fields in FIELDS.items():
        old, new = entries(before, part), entries(after, part)
        for ident in (one for one in old if one in new):
            left, right = values_of(old[ident], part), values_of(new[ident], part)
            if OFF in fields:
                left["until"], right["until"] = (one.get("until", "") for one in (old[ident], new[ident]))
            title = new[ident].get("title", "")
            found += [
                (part, ident, title, field, left[field], right[field]) for field in left if left[field] != right[field]
            ]
    return found


def untuned(before: Mapping, after: Mapping) -> dict:
    """The content `after` with the tuned fields as they were: what differs from `before` still is told in other words."""
    made = deepcopy(dict(after))
    for part in FIELDS:
        old, new = entries(before, part), entries(made, part)
        for ident in (one for one in old if one in new):
            for field in ("until", *{name.partition(".")[0] for name in FIELDS[part]}):
                new[ident].pop(field, None)
                if field in old[ident]:
                    new[ident][field] = deepcopy(old[ident][field])
    return made


def silent(edits: Edits) -> list[str]:
    """The entries whose numbers change while the published words stay: they may no longer say what holds."""
    return [
        key for key, fields in edits.items()
        if key.partition("/")[0] in ("rules", "duties") and set(fields) - {OFF, *WORDS, "warn_days_before",
           "remind_days_before", "escalate_after_working_days"} and "text" not in fields
    ]  # fmt: skip


def next_version(version: str, taken: Iterable[str]) -> str:
    """A version number after this one that nobody has: the last number counted up."""
    head, dot, tail = version.rpartition(".")
    number, taken = int(tail), set(taken)
    while True:
        number += 1
        if f"{head}{dot}{number}" not in taken:
            return f"{head}{dot}{number}"

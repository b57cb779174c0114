"""记录内容: minutes as one value {notes, text, decisions}, as forms, drafts and revisions carry them, and how two are merged.

notes: [{point, note}] along the agenda; decisions: [{id, text, owner, due_on, point, problem}]. Pure functions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Content = dict[str, Any]
DECIDED = ("text", "owner", "due_on", "point", "problem")


def _number(text: Any) -> int | None:
    text = str(text if text is not None else "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def from_fields(fields: Mapping[str, str], agenda: Sequence[str]) -> Content:
    """The content of a minutes form as it was typed, right or wrong: a draft keeps everything."""
    numbers = sorted(
        int(name[9:]) for name in fields if name.startswith("decision_") and name[9:].isascii() and name[9:].isdigit()
    )
    return {
        "notes": [{"point": point, "note": fields.get(f"note_{n}", "")} for n, point in enumerate(agenda)],
        "text": fields.get("text", ""),
        "decisions": [
            {"id": _number(fields.get(f"id_{n}")), "text": fields[f"decision_{n}"],
             "owner": _number(fields.get(f"owner_{n}")), "due_on": fields.get(f"due_{n}") or None,
             "point": _number(fields.get(f"point_{n}")), "problem": fields.get(f"problem_{n}", "")}
            for n in numbers[:100]
        ],
    }  # fmt: skip


def note_for(content: Content, n: int, point: str) -> str:
    """The note to a point of the agenda, which may have been moved since."""
    notes = content.get("notes", [])
    if n < len(notes) and notes[n]["point"] == point:
        return notes[n]["note"]
    return next((one["note"] for one in notes if one["point"] == point), "")


def with_row(content: Content, point: int | None) -> Content:
    """One more empty decision under a point."""
    row = {"id": None, "text": "", "owner": None, "due_on": None, "point": point, "problem": ""}
    return {**content, "decisions": [*content["decisions"], row]}


def with_phrase(content: Content, n: int, phrase: str) -> Content:
    """A sentence put behind a note; one that stands there already is not put twice."""
    notes = [dict(one) for one in content["notes"]]
    if 0 <= n < len(notes) and phrase not in notes[n]["note"]:
        notes[n]["note"] = (notes[n]["note"].rstrip() + phrase).strip()
    return {**content, "notes": notes}


def merged_text(base: str, theirs: str, mine: str) -> str:
    """Of two texts that began as `base`: the changed one, or both where both were changed."""
    base, theirs, mine = base.strip(), theirs.strip(), mine.strip()
    if mine in (base, theirs):
        return theirs
    if theirs == base or theirs in mine:
        return mine
    return theirs if mine in theirs else f"{theirs}\n{mine}"


def merged(base: Content, theirs: Content, mine: Content) -> Content:
    """Two people's minutes that began as `base`, with nothing lost that either has written."""
    notes = [
        {"point": one["point"],
         "note": merged_text(*(note_for(content, n, one["point"]) for content in (base, theirs)), one["note"])}
        for n, one in enumerate(mine["notes"])
    ]  # fmt: skip
    return {
        "notes": notes,
        "text": merged_text(base.get("text", ""), theirs.get("text", ""), mine["text"]),
        "decisions": _decisions(base, theirs, mine),
    }


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all((one.get(name) or None) == (other.get(name) or None) for name in DECIDED)


def _decisions(base: Content, theirs: Content, mine: Content) -> list[dict[str, Any]]:
    was = {one["id"]: one for one in base.get("decisions", []) if one.get("id")}
    own = {one["id"]: one for one in mine["decisions"] if one.get("id")}
    kept, known = [], set()
    for one in theirs.get("decisions", []):
        ident = one.get("id")
        known |= {ident, one["text"].strip()}
        if ident in own:
            changed = ident in was and not _same(own[ident], was[ident])
            kept.append(own[ident] if changed else one)
        elif ident not in was or not _same(one, was[ident]):
            kept.append(one)  # new, or changed by them while we took it away: it stays
    for one in mine["decisions"]:
        ident = one.get("id")
        if ident is None and one["text"].strip() and one["text"].strip() not in known:
            kept.append(one)
        elif ident is not None and ident not in known and not (ident in was and _same(one, was[ident])):
            kept.append({**one, "id": None})  # they took away what we changed: it comes back as a new one
    return kept

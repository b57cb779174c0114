"""试算结果的展示: a result as tables for a page or the API, with small numbers of persons kept back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from gongjian.appraisal.standards.wording import period_title
from gongjian.outlets.trial import rules

WIDTH, HEIGHT = 640, 160  # of the drawn distribution


def shown(count: int, hidden: bool, least: int) -> int | str:
    """A count as a reader sees it."""
    return _("不足%(least)d") % {"least": least} if hidden and count < least else _("不显示") if hidden else count


def table(rows: Sequence[tuple[str, Sequence[int]]], least: int) -> list[tuple[str, list[int | str]]]:
    """Counts of persons in rows, what is too small kept back."""
    hidden = rules.kept_back([counts for _title, counts in rows], least)
    return [
        (title, [shown(count, away, least) for count, away in zip(counts, line, strict=True)])
        for (title, counts), line in zip(rows, hidden, strict=True)
    ]


def results(found: Mapping, *, least: int, districts: Mapping[str, str]) -> dict[str, Any]:
    """Everything that a page or the API says of a finished trial."""
    titles, persons = found["titles"], found.get("persons", {})
    return {
        "least": least, "bands": bands(persons.get("cells", []), titles, least),
        "groups": groups(persons.get("cells", []), titles, least, districts), "scores": scores(persons.get("scores", {}), least),
        "dimensions": dimensions(found, titles), "kinds": kinds(found, titles), "duties": duties(found, titles),
        "org_kinds": org_kinds(found, titles), **told(found, titles),
    }  # fmt: skip


def bands(cells: list, titles: Mapping, least: int) -> dict[str, Any]:
    """How many stand in each band, and how many move."""
    before, after = titles["bands"]
    places = max(len(before), len(after))
    one = rules.by_group(cells, "", places).get("", {"before": [0] * places, "after": [0] * places, "moves": [0, 0, 0]})
    # Moves are told by themselves: where few move, the difference of two bands would say so as well.
    (_t, moves), (_t, left), (_t, right) = (
        table([("", one[name])], least)[0] for name in ("moves", "before", "after")
    )  # fmt: skip
    few = any(isinstance(count, str) for count in moves)
    rows = []
    for place in reversed(range(places)):
        title = after[place] if place < len(after) else before[place]
        rows.append({"title": title, "before": left[place], "after": _("不显示") if few else right[place]})
    return {"rows": rows, "persons": sum(one["before"]), "up": moves[0], "same": moves[1], "down": moves[2]}


def groups(cells: list, titles: Mapping, least: int, districts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who moves, by age, kind of member and district."""
    kinds = {"formal": _("正式党员"), "probationary": _("预备党员"), "mobile": _("流动党员")}
    unknown = {rules.UNKNOWN: _("未登记")}
    words = {
        "age": (_("年龄"), {**titles["age"], **unknown}), "kind": (_("人员类别"), {**kinds, **unknown}),
        "district": (_("城区和市直"), {**districts, **unknown}),
    }  # fmt: skip
    places = max(map(len, titles["bands"]))
    made = []
    for group in rules.GROUPS:
        title, known = words[group]
        moves = rules.by_group(cells, group, places)
        order = [key for key in known if key in moves] + sorted(set(moves) - set(known))
        rows = table([(known.get(key, key), moves[key]["moves"]) for key in order], least)
        persons = [sum(moves[key]["moves"]) for key in order]
        hidden = [0 < number < least for number in persons]
        made.append({"id": group, "title": title, "rows": [
            {"title": name, "persons": shown(number, away, least), "up": counts[0], "same": counts[1], "down": counts[2]}
            for (name, counts), number, away in zip(rows, persons, hidden, strict=True)
        ]})  # fmt: skip
    return made


def scores(found: Mapping, least: int) -> dict[str, Any]:
    """The distribution of yearly scores in steps of ten, drawn as two columns each; columns too small are left out."""
    steps = sorted(map(int, found))
    highest = max((max(counts) for counts in found.values()), default=0)
    columns = []
    wide = WIDTH / max(1, len(steps))
    for at, step in enumerate(steps):
        counts = found[str(step)]
        few = any(0 < count < least for count in counts)
        tall = [0 if few else round(HEIGHT * count / highest, 1) if highest else 0 for count in counts]
        columns.append({
            "title": f"{step}–{step + rules.STEP - 1}", "before": shown(counts[0], few, least),
            "after": shown(counts[1], few, least), "x": round(at * wide, 1), "half": round(wide * 0.4, 1),
            "x2": round(at * wide + wide * 0.42, 1), "mid": round(at * wide + wide * 0.41, 1),
            "tall": tall, "top": [round(HEIGHT - height, 1) for height in tall], "step": step,
        })  # fmt: skip
    return {"columns": columns, "width": WIDTH, "height": HEIGHT, "box": HEIGHT + 22, "label": HEIGHT + 16}


def dimensions(found: Mapping, titles: Mapping) -> list[dict[str, Any]]:
    """The points of all by dimension, of persons and of organisations."""
    both = [found.get(name, {}).get("dimensions", {}) for name in ("persons", "organisations")]
    rows = []
    for ident, title in titles["dimensions"].items():
        if any(ident in sums for sums in both):
            (a, b), (c, d) = (sums.get(ident, [0, 0]) for sums in both)
            rows.append({"title": title, "persons": [a, b, b - a], "organisations": [c, d, d - c]})
    return rows


def kinds(found: Mapping, titles: Mapping) -> list[dict[str, Any]]:
    """Organisations' own points by kind."""
    rows = []
    for ident, row in found.get("organisations", {}).get("kinds", {}).items():
        before, after = (round(total / row["number"], 1) for total in row["sums"])
        up, same, down = row["moves"]
        rows.append({
            "title": titles["kinds"].get(ident, ident), "number": row["number"], "before": before, "after": after,
            "up": up, "same": same, "down": down,
        })  # fmt: skip
    return sorted(rows, key=lambda row: -row["number"])


def duties(found: Mapping, titles: Mapping) -> list[dict[str, Any]]:
    """What became of each duty, counted in organisations and periods."""
    states = found.get("standings", {}).get("states", {})
    rows = []
    for ident, title in titles["duties"].items():
        if ident in states:
            mine = states[ident]
            rows.append({
                "id": ident, "title": title, "asked": [sum(counts[at] for counts in mine.values()) for at in (0, 1)],
                **{name: mine.get(name, [0, 0]) for name in ("kept", "made_good", "short")},
            })  # fmt: skip
    return rows


def org_kinds(found: Mapping, titles: Mapping) -> list[dict[str, Any]]:
    """What fell short, by kind of organisation."""
    rows = found.get("standings", {}).get("kinds", {})
    return [
        {"title": titles["kinds"].get(ident, ident), **{name: row.get(name, [0, 0]) for name in ("short", "made_good")}}
        for ident, row in rows.items()
    ]


def told(found: Mapping, titles: Mapping) -> dict[str, Any]:
    """What people would have been told, by month, and by month and role."""
    standings = found.get("standings", {})
    months, notices = standings.get("months", {}), standings.get("notices", {})
    names = ("reminded", "fell", "reported")
    rows = [
        {
            "month": month,
            "title": period_title(month),
            **{name: months.get(month, {}).get(name, [0, 0]) for name in names},
        }
        for month in sorted({*months, *(month for row in notices.values() for month in row)})
    ]
    sums = {name: [sum(row[name][at] for row in rows) for at in (0, 1)] for name in names}
    order = [role for role in titles["roles"] if role in notices]
    by_role = [
        {"title": titles["roles"][role], "sums": [sum(counts[at] for counts in notices[role].values()) for at in (0, 1)],
         "months": [notices[role].get(row["month"], [0, 0]) for row in rows]}
        for role in order
    ]  # fmt: skip
    return {"months": rows, "sums": sums, "roles": by_role}

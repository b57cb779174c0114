"""积分单: everything about a member's points in a period on one sheet."""

from typing import Any

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.explaining import explain
from gongjian.appraisal.points.models import Appeal, Entry
from gongjian.appraisal.points.queries import closing, deciding
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


def statement(person: int, year: str) -> dict[str, Any]:
    """A year's sheet: class and its frame, quarters as closed or running, dimensions, entries, corrections of earlier
    years' closes and of this year's, exemptions, appeals, verdict. All evaluated; `facts` are those behind the entries.
    """
    day = closing.class_day(year)
    points = policy.on(day).points
    org = closing.branch_of(person, year)
    row = deciding.years_of([person], org or 0, year)[0]
    quarters = [f"{year}Q{n}" for n in range(1, 5)]
    running = queries.scores_of("person", person, [*quarters, year])
    lines = []
    for period in [*quarters, year]:
        if clock.period_bounds(period)[0] > clock.today():
            continue
        frozen = closing.frozen_of("person", person, period)
        close = closing.of_branch(frozen.org, period) if frozen else None
        lines.append({
            "period": period, "points": frozen.points if frozen else running[period], "running": running[period],
            "changed": running[period] - frozen.points if frozen else 0, "close": close,
        })  # fmt: skip
    entries = list(queries.entries_of("person", person, year).order_by("day", "seq", "rule"))
    corrections = [(period, c) for period in [*quarters, year] for c in closing.corrections_of(person, period)]
    told = {item.entry.pk: item for item in explain({c.entry.pk: c.entry for _p, c in corrections}.values())}
    titles = {d.id: d.title for d in points.dimensions}
    words = {word.id: word for word in points.verdicts}
    history = deciding.verdicts_of(person, year)
    names = queries.name_of_persons(v.given_by for v in history)
    mine = list(Appeal.objects.filter(person=person, on__year=int(year)).select_related("close"))
    for appeal in mine:
        rule = queries.rule_of(policy.on(appeal.on), appeal.rule)
        appeal.title = rule.title if rule else appeal.rule
    return {
        "year": year, "person": Person.objects.get(pk=person), "org": Organisation.objects.filter(pk=org).first(),
        "row": row, "lines": lines, "frame": points.frame, "private": points.ranks.private,
        "dimensions": [
            {"title": titles[ident], "points": got, "full": full, "about": ""} for ident, got, full in row.measured.parts
        ],
        "entries": explain(entries),
        "corrections": [
            {"in": period, "about": c.period, "late": c.late, "item": told[c.entry.pk],
             "points": c.entry.given if c.late else -c.entry.given}
            for period, c in corrections if c.entry.pk in told
        ],
        "exemptions": [e for e in deciding.exemptions_of(person) if e.starts_on.year <= int(year) <= e.ends_on.year],
        "appeals": mine,
        "verdicts": [
            (v, words[v.verdict].title if v.verdict in words else v.verdict, names.get(v.given_by, "")) for v in history
        ],
        "facts": facts_behind(entries, history),
    }  # fmt: skip


def facts_behind(entries: list[Entry], verdicts: list) -> list[int]:
    """The facts that a sheet rests on: of the entries, of what took them back, of the verdicts."""
    found = {e.fact for e in entries} | {e.withdrawn_by for e in entries if e.withdrawn_by} | {v.fact for v in verdicts}
    return sorted(found)

"""试算积分: the year's facts of some subjects judged by both packs in one pass, by the very judge of the live points.

Subjects do not touch one another, so any range of them can be judged by itself, in any process; nothing is written.
"""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import NamedTuple

from django.db import connection

from gongjian.appraisal.points.membership import TELLING, Belongings
from gongjian.appraisal.points.rules import Deed, Judge, Room
from gongjian.ground.kernel import clock
from gongjian.ground.policy.schema import Pack
from gongjian.outlets.trial import rules
from gongjian.records.facts.stream import FactRow
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Dated, Membership

BEAT = 5000  # deeds between two signs of life
CORRECTION = ""  # the kind of a fact that is here only for what it takes back: no rule means it

Beat = Callable[[], None]


def no_beat() -> None:
    """Nobody waits for a sign of life."""


class Span(NamedTuple):
    """范围: subjects of one kind with ids from `low` to below `high`, in a year, as the stream stood at `upto`."""

    kind: str  # person or organisation
    low: int
    high: int
    year: int
    upto: int

    @property
    def column(self) -> str:
        """The column of a fact that names such a subject."""
        return "person" if self.kind == "person" else "org"

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """The year's first moment in Asia/Shanghai, and that of the next."""
        return clock.at_time(dt.date(self.year, 1, 1)), clock.at_time(dt.date(self.year + 1, 1, 1))


def kinds_of(packs: tuple[Pack, ...], kind: str) -> tuple[str, ...]:
    """The kinds of fact by which such subjects earn under any of the packs."""
    return tuple(sorted({rule.fact for pack in packs for rule in pack.points.rules if rule.to == kind}))


def _rows(span: Span, kinds: tuple[str, ...]) -> list[tuple]:
    """(seq, id, kind, at, person, org, quantity, data as text, corrects) of all facts that may matter, in order."""
    begins, ends = (connection.ops.adapt_datetimefield_value(moment) for moment in span.moments)
    marks = ", ".join(["%s"] * len(kinds)) or "NULL"
    telling = f"f.kind IN ({', '.join(['%s'] * len(TELLING))}) OR" if span.kind == "person" else ""
    columns = "s.seq, f.id, f.kind, f.at, f.person, f.org, f.quantity, CAST(f.data AS text), f.corrects"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {columns} FROM facts_fact f JOIN facts_stream s ON s.fact = f.id
                WHERE f.{span.column} >= %s AND f.{span.column} < %s AND s.seq <= %s
                  AND ({telling} (f.kind IN ({marks}) AND f.at >= %s AND f.at < %s))""",
            [span.low, span.high, span.upto, *(TELLING if telling else ()), *kinds, begins, ends],
        )
        found = {row[0]: row for row in cursor.fetchall()}
        cursor.execute(
            f"""SELECT {columns} FROM facts_fact f JOIN facts_stream s ON s.fact = f.id
                JOIN facts_fact w ON w.id = f.corrects
                WHERE f.corrects IS NOT NULL AND w.{span.column} >= %s AND w.{span.column} < %s AND s.seq <= %s
                  AND w.at >= %s AND w.at < %s""",
            [span.low, span.high, span.upto, begins, ends],
        )
        for row in cursor.fetchall():
            # told of somebody else, or in another year: of it only the taking back counts here
            found.setdefault(row[0], (*row[:2], CORRECTION, *row[3:]))
    return [found[seq] for seq in sorted(found)]


def moment_of(at: dt.datetime | str) -> dt.datetime:
    """A time as a raw statement gives it, aware."""
    moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else at  # SQLite keeps times as text in UTC
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment


def judged(span: Span, packs: tuple[Pack, ...], beat: Beat = no_beat) -> tuple[list[Judge], Belongings]:
    """What each pack would have given these subjects for the year's deeds, and where the persons belong."""
    belongings = Belongings(())
    judges = [Judge(lambda day, pack=pack: pack, belongings.is_member) for pack in packs]
    days: dict[object, dt.date] = {}
    texts: dict[str, dict] = {}
    for number, (seq, ident, kind, at, person, org, quantity, text, corrects) in enumerate(
        _rows(span, kinds_of(packs, span.kind))
    ):
        if number % BEAT == 0:
            beat()
            texts.clear()
        # A meeting's facts share their time and mostly their data: each is read once.
        day = days.get(at) or days.setdefault(at, clock.day_of(moment_of(at)))
        data = texts.get(text) or texts.setdefault(text, json.loads(text))
        if kind in TELLING and span.kind == "person":
            moment = moment_of(at)
            belongings.tell(
                FactRow(seq, ident, kind, moment, moment, None, person, org, "", "", quantity, data, "", corrects)
            )
        deed = Deed(seq, ident, kind, day, person, org, quantity, data, corrects)
        for judge in judges:
            judge.add(deed, [found for found in judge.earning(deed) if found[2][0] == span.kind])
    return judges, belongings


def _sums(judges: list[Judge], span: Span) -> tuple[list[Counter], dict[str, list[int]]]:
    """Each subject's exact sum of the year by pack, and the points of all by dimension: [by the first, by the second]."""
    year = f"{span.year:04d}"
    totals = [Counter() for _judge in judges]
    dimensions: dict[str, list[int]] = defaultdict(lambda: [0] * len(judges))
    for at, judge in enumerate(judges):
        for (subject, name, period), points in judge.used.items():
            if period != year:
                continue
            if name == "all":
                totals[at][subject[1]] += points
            elif name.startswith("dimension:"):
                dimensions[name.partition(":")[2]][at] += points
    return totals, {name: points for name, points in dimensions.items() if any(points)}


def persons(span: Span, packs: tuple[Pack, Pack], beat: Beat = no_beat) -> dict:
    """How the members among these persons stand by both packs: counts only, nobody's name or number.

    Counted are those who belong to a branch on the year's last day, as the lists of that year do.
    """
    # Where both packs say the same about points, one judgement serves both.
    twice = packs[0].points != packs[1].points
    judges, belongings = judged(span, packs if twice else packs[:1], beat)
    totals, dimensions = _sums(judges, span)
    last, period = dt.date(span.year, 12, 31), f"{span.year:04d}"
    places = [rules.band_places(pack) for pack in packs]
    floors = [pack.points.frame.floor for pack in packs]
    district = districts()
    described = {
        person: (rules.age_band(born, last, packs[0]), _kind(formal, mobile, last))
        for person, born, formal, mobile in Membership.objects.filter(
            Dated.current_q(last), person__gte=span.low, person__lt=span.high
        ).values_list("person", "person__birth_date", "formal_on", "mobile")
    }
    cells, scores = Counter(), defaultdict(lambda: [0, 0])
    for person in belongings.changed:
        branch = belongings.branch(person, period)
        if branch is None:
            continue
        both = [max(totals[at if twice else 0][person], floors[at]) for at in (0, 1)]
        before, after = (rules.place_of(score, places[at]) for at, score in enumerate(both))
        age, kind = described.get(person, (rules.UNKNOWN, rules.UNKNOWN))
        cells[(age, kind, district.get(branch, rules.UNKNOWN), before, after)] += 1
        for at, score in enumerate(both):
            scores[str(score // rules.STEP * rules.STEP)][at] += 1
    return {
        "persons": {
            "cells": [[*cell, n] for cell, n in sorted(cells.items())], "scores": dict(scores),
            "dimensions": dimensions if twice else {name: [points[0]] * 2 for name, points in dimensions.items()},
        }
    }  # fmt: skip


def _kind(formal_on: dt.date | None, mobile: bool, day: dt.date) -> str:
    if mobile:
        return "mobile"
    return "formal" if formal_on is not None and formal_on <= day else "probationary"


def districts() -> dict[int, str]:
    """Each organisation's place directly below the root, as the text of its id; the root's own under itself."""
    found = {}
    for org, path in Organisation.objects.values_list("pk", "path"):
        line = path.strip("/").split("/")
        found[org] = line[1] if len(line) > 1 else line[0]
    return found


def organisations(span: Span, packs: tuple[Pack, Pack], beat: Beat = no_beat) -> dict:
    """How the organisations' own points change, by kind: how many have any, their sums, how many rise, stay and fall."""
    judges, _belongings = judged(span, packs, beat)
    totals, dimensions = _sums(judges, span)
    kinds = dict(Organisation.objects.values_list("pk", "kind"))
    found: dict[str, dict] = {}
    for org in sorted(totals[0].keys() | totals[1].keys()):
        before, after = (total[org] for total in totals)
        row = found.setdefault(kinds.get(org, rules.UNKNOWN), {"number": 0, "sums": [0, 0], "moves": [0, 0, 0]})
        row["number"] += 1
        row["sums"] = [row["sums"][0] + before, row["sums"][1] + after]
        row["moves"][0 if after > before else 1 if after == before else 2] += 1
    return {"organisations": {"kinds": found, "dimensions": dimensions}}


def year_total(judge: Judge, kind: str, ident: int, year: int) -> int:
    """A subject's exact sum of the year."""
    return judge.used[Room((kind, ident), "all", f"{year:04d}")]

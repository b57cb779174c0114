"""Facts become points: a batch is read, judged deed by deed in memory, and written set-wise (PERFORMANCE.md)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, Q

from gongjian.appraisal.points.membership import TELLING, Belongings
from gongjian.appraisal.points.models import Belonging, Bucket, Histogram, Line, Score, Used
from gongjian.appraisal.points.models import Entry as EntryRow
from gongjian.appraisal.points.ranking import MOVING, Ranking
from gongjian.appraisal.points.rules import Deed, Entry, Judge, Move, Room, Subject, rooms_of
from gongjian.engines.ledger import actions as ledger
from gongjian.engines.ledger import queries as postings
from gongjian.engines.relay.relay import Listener
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.db import write_many
from gongjian.records.facts.stream import FactRow

UNIT = "points"
ISSUER = "issuer"
ENTRY_COLUMNS = (
    "fact", "seq", "rule", "subject_kind", "subject", "day", "year", "dimension", "pack", "deserved", "given",
    "withdrawn_by",
)  # fmt: skip


class PointsListener(Listener):
    """积分听者: it hears all facts, because which kinds earn is the pack's to say and changes with it."""

    name = "points"
    title = "积分"
    kinds = None
    batch = 5000

    def handle(self, batch: list[FactRow]) -> None:
        """Fold a batch: postings, entries, what is used of the bounds, scores and their distributions."""
        packs: dict[dt.date, policy.Pack] = {}

        def pack_on(day: dt.date) -> policy.Pack:
            if day not in packs:
                packs[day] = policy.on(day)
            return packs[day]

        deeds = [deed_of(fact) for fact in batch]
        probe = Judge(pack_on, lambda person, day: True)
        earning = {deed.id: probe.earning(deed) for deed in deeds}
        corrected = {deed.corrects for deed in deeds if deed.corrects is not None}
        telling = {fact.person for fact in batch if fact.kind in TELLING and fact.person is not None}
        moved_orgs = {fact.org for fact in batch if fact.kind in MOVING and fact.org is not None}
        if not any(earning.values()) and not corrected and not telling and not moved_orgs:
            return

        entries = list(map(entry_of, EntryRow.objects.filter(fact__in=corrected))) if corrected else []
        reopened: dict[Subject, set[str]] = defaultdict(set)  # years
        for deed in deeds:
            if deed.id in corrected:
                for _pack, _rule, subject in earning[deed.id]:
                    reopened[subject].add(clock.year_of(deed.day))
        for entry in entries:
            reopened[entry.subject].add(entry.year)

        earners = {subject for found in earning.values() for _pack, _rule, subject in found}
        persons = {number for kind, number in earners | set(reopened) if kind == "person"}
        belongings = Belongings(persons | telling)
        judge = Judge(pack_on, belongings.is_member)
        judge.know(entries)
        if reopened:
            judge.know(self._short(reopened))
        judge.used.update(self._used(deeds, earning, reopened))
        for fact, deed in zip(batch, deeds, strict=True):
            if fact.kind in TELLING:
                belongings.tell(fact)
            judge.add(deed, earning[deed.id])

        self._post(judge.moves, {fact.id: fact.at for fact in batch})
        self._keep(judge)
        belongings.write()
        points: dict[tuple[Subject, str], int] = defaultdict(int)
        for move in judge.moves:
            if move.points:
                for period in clock.periods_of(move.entry.day):
                    points[(move.entry.subject, period)] += move.points
        Ranking(belongings).fold(points, moved_orgs)

    def reset(self) -> None:
        """Open the next book of the ledger (the old one stays as it is) and drop what was folded beside it."""
        ledger.next_book(UNIT, reason="积分重算")
        for model in (EntryRow, Used, Score, Histogram, Bucket, Belonging, Line):
            model.objects.all().delete()

    @staticmethod
    def _short(reopened: dict[Subject, set[str]]) -> Iterable[Entry]:
        """Entries that a bound has cut, of the subjects and years whose points are taken back in this batch."""
        condition = Q()
        for kind in ("person", "organisation"):
            ids = {number for subject_kind, number in reopened if subject_kind == kind}
            if ids:
                years = {year for subject, found in reopened.items() if subject[0] == kind for year in found}
                condition |= Q(subject_kind=kind, subject__in=ids, year__in=years)
        rows = EntryRow.objects.filter(condition, deserved__gt=F("given"), withdrawn_by__isnull=True)
        return map(entry_of, rows.order_by("seq", "rule"))

    @staticmethod
    def _used(deeds: Iterable[Deed], earning: dict[int, list], reopened: dict[Subject, set[str]]) -> dict[Room, int]:
        """What these subjects have used of the bounds that the deeds are measured on.

        Only the rules, dimensions and periods of these deeds are read; for subjects from whom points are taken back all
        of the year, because what that frees may go to any of its deeds.
        """
        ids: dict[str, set[int]] = defaultdict(set)
        names: dict[str, set[str]] = defaultdict(set)
        periods: dict[str, set[str]] = defaultdict(set)
        for deed in deeds:
            for _pack, rule, (kind, number) in earning[deed.id]:
                ids[kind].add(number)
                names[kind] |= {"all", f"dimension:{rule.dimension}", f"rule:{rule.id}"}
                periods[kind].update(clock.periods_of(deed.day))
        condition = Q()
        for kind, numbers in ids.items():
            condition |= Q(subject_kind=kind, subject__in=numbers, name__in=names[kind], period__in=periods[kind])
        for kind in {kind for kind, _number in reopened}:
            numbers = {number for subject_kind, number in reopened if subject_kind == kind}
            years = {year for subject, found in reopened.items() if subject[0] == kind for year in found}
            wanted = [period for year in years for period in periods_in(year)]
            condition |= Q(subject_kind=kind, subject__in=numbers, period__in=wanted)
        if not condition:
            return {}
        rows = Used.objects.filter(condition).values_list("subject_kind", "subject", "name", "period", "points")
        return {Room((row[0], row[1]), row[2], row[3]): row[4] for row in rows}

    @staticmethod
    def _post(moves: list[Move], times: dict[int, dt.datetime]) -> None:
        """Write the postings: first what is given, in the order it was judged, then what is taken back."""
        given = [move for move in moves if move.points and not move.reversal]
        back = {key_of(move.entry): move.cause for move in moves if move.reversal}
        if not given and not back:
            return
        book = ledger.open_book(UNIT)
        ids = ledger.ensure_accounts(book, (key for move in given for key in keys_of(move)))
        drafts = []
        for move in given:
            own, issuer = (ids[key] for key in keys_of(move))
            debit, credit = (issuer, own) if move.points > 0 else (own, issuer)
            drafts.append(
                ledger.Draft(
                    debit, credit, abs(move.points), times[move.cause], move.entry.fact, move.cause, move.entry.rule,
                    move.entry.pack, move.cut,
                )
            )  # fmt: skip
        ledger.post_many(book, drafts)
        if back:
            standing = postings.standing(book, {fact for fact, _rule, _subject in back}).select_related(
                "debit", "credit"
            )
            reversals = {}
            for posting in standing:
                own = posting.credit if posting.debit.owner_kind == ISSUER else posting.debit
                cause = back.get((posting.fact, posting.rule, (own.owner_kind, own.owner_id)))
                if cause is not None:
                    reversals[posting.pk] = (cause, times[cause])
            ledger.reverse_many(book, reversals)

    @staticmethod
    def _keep(judge: Judge) -> None:
        """Write entries and what is used of the bounds."""
        rows = sorted(judge.touched.values(), key=lambda entry: (entry.seq, entry.rule, entry.subject))
        write_many(
            "points_entry", ENTRY_COLUMNS,
            [
                (e.fact, e.seq, e.rule, *e.subject, e.day, e.year, e.dimension, e.pack, e.deserved, e.given, e.withdrawn_by)
                for e in rows
            ],
            then="ON CONFLICT (fact, rule, subject_kind, subject)"
            " DO UPDATE SET given = excluded.given, withdrawn_by = excluded.withdrawn_by",
        )  # fmt: skip
        changed = {room for entry in rows for room in rooms_of(entry)}
        write_many(
            "points_used", ("subject_kind", "subject", "name", "period", "points"),
            [(*room.subject, room.name, room.period, judge.used[room]) for room in sorted(changed)],
            then="ON CONFLICT (subject_kind, subject, name, period) DO UPDATE SET points = excluded.points",
        )  # fmt: skip


def keys_of(move: Move) -> tuple[ledger.AccountKey, ledger.AccountKey]:
    """The subject's own account for the dimension, and the one that issues its points."""
    entry = move.entry
    return (
        ledger.AccountKey(*entry.subject, entry.dimension),
        ledger.AccountKey(ISSUER, 0, entry.dimension),
    )


def key_of(entry: Entry) -> tuple[int, str, Subject]:
    """What makes an entry one of its kind."""
    return (entry.fact, entry.rule, entry.subject)


def deed_of(fact: FactRow) -> Deed:
    """A fact as points see it; its day is that of the deed in Asia/Shanghai, whenever it was told."""
    return Deed(
        fact.seq, fact.id, fact.kind, clock.day_of(fact.at), fact.person, fact.org, fact.quantity, fact.data, fact.corrects
    )  # fmt: skip


def entry_of(row: EntryRow) -> Entry:
    """A kept entry."""
    return Entry(
        row.fact, row.seq, row.rule, (row.subject_kind, row.subject), row.day, row.dimension, row.pack, row.deserved,
        row.given, row.withdrawn_by,
    )  # fmt: skip


def periods_in(year: str) -> list[str]:
    """A year, its quarters and its months."""
    return [year, *(f"{year}Q{n}" for n in range(1, 5)), *(f"{year}-{n:02d}" for n in range(1, 13))]

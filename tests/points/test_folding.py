"""From facts to postings, entries and scores."""

import datetime as dt

import pytest
from django.db import connection

from gongjian.appraisal.points.models import Entry, Score
from gongjian.engines.ledger.models import Book, Posting
from gongjian.engines.relay import relay
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.people import actions as people
from tests.points.conftest import attended, deliver, tell

pytestmark = pytest.mark.django_db


def score(subject, period, kind="person"):
    row = Score.objects.filter(subject_kind=kind, subject=subject.pk, period=period).first()
    return row.points if row else None


def test_a_deed_gives_points_in_month_quarter_and_year(town):
    fact = attended(town.members[0], day="2026-11-30")
    deliver()
    assert [score(town.members[0], period) for period in ("2026-11", "2026Q4", "2026")] == [3, 3, 3]
    posting = Posting.objects.get()
    assert (posting.fact, posting.rule, posting.pack, posting.amount, posting.cut) == (fact.pk, "attend", "1", 3, 0)
    assert posting.credit.owner_id == town.members[0].pk


def test_periods_are_cut_in_shanghai(town):
    """23:30 UTC on 31 October is 07:30 on 1 November in Shanghai."""
    from gongjian.records import facts

    at = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)
    facts.record("activity.attended", by=SYSTEM, at=at, person=town.members[0].pk, data={"activity_kind": "x"})
    deliver()
    assert (score(town.members[0], "2026-10"), score(town.members[0], "2026-11")) == (None, 3)


def test_the_cap_of_a_month_cuts_and_says_so(town):
    person = town.members[0]
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        attended(person, day=day)
    deliver()
    assert score(person, "2026-11") == 5
    assert list(Entry.objects.order_by("seq").values_list("deserved", "given")) == [(3, 3), (3, 2), (3, 0)]
    assert list(Posting.objects.order_by("id").values_list("amount", "cut")) == [(3, 0), (2, 1)]


def test_a_dimension_is_full_in_a_year(town):
    person = town.members[0]
    for month in range(1, 5):
        for day in (1, 2):
            attended(person, day=f"2026-{month:02d}-{day:02d}")
    deliver()
    assert score(person, "2026") == 12  # 5 + 5 + 2, and nothing in April
    assert score(person, "2026-04") is None
    attended(person, day="2027-01-01")
    deliver()
    assert score(person, "2027") == 3


def test_quantity_counts_in_full_units_up_to_its_most(town):
    person = town.members[0]
    attended(person, minutes=119, kind="lecture")
    attended(person, minutes=1000, kind="lecture", day="2026-11-11")
    deliver()
    given = Entry.objects.filter(rule="hours").order_by("seq").values_list("given", flat=True)
    assert list(given) == [2, 6]


def test_a_deduction_stops_at_the_floor(town):
    person = town.members[0]
    attended(person)
    tell("points.deducted", person=person.pk, data={"rule": "absent"})
    deliver()
    assert score(person, "2026") == 0
    entry = Entry.objects.get(rule="absent")
    assert (entry.deserved, entry.given) == (-4, -3)
    assert Posting.objects.get(rule="absent").cut == 1


def test_organisations_earn_by_rules_for_organisations(town):
    branch = town.branches[0]
    tell("activity.signed_off", org=branch.pk, data={"activity_kind": "party_day"})
    deliver()
    assert score(branch, "2026-11", "organisation") == 6
    assert Score.objects.get(subject_kind="organisation", period="2026").grp == "branch"


def test_only_members_of_that_day_earn(town):
    person = people.register(by=SYSTEM, name="居民", org=town.branches[0])
    attended(person)
    before = attended(town.members[0], day="2019-12-31")
    on_the_day = attended(town.members[0], day="2020-01-01")
    people.leave(person=town.members[1], by=SYSTEM, on=dt.date(2026, 11, 5), reason="去世")
    attended(town.members[1], day="2026-11-05")
    attended(town.members[1], day="2026-11-04")
    deliver()
    assert not Entry.objects.filter(subject=person.pk).exists()
    assert not Entry.objects.filter(fact=before.pk).exists()
    assert Entry.objects.filter(fact=on_the_day.pk).exists()
    assert list(Entry.objects.filter(subject=town.members[1].pk).values_list("day", flat=True)) == [
        dt.date(2026, 11, 4)
    ]


def test_a_withdrawal_takes_back_and_gives_what_the_cap_had_cut(town):
    person = town.members[0]
    first = attended(person, day="2026-11-01")
    attended(person, day="2026-11-02")
    attended(person, day="2026-11-03")
    deliver()
    withdrawn = tell("activity.attendance_withdrawn", person=person.pk, corrects=first.pk)
    deliver()
    assert score(person, "2026-11") == 5
    assert list(Entry.objects.order_by("seq").values_list("given", "withdrawn_by")) == [
        (3, withdrawn.pk), (3, None), (2, None),
    ]  # fmt: skip
    reversal = Posting.objects.get(reverses__isnull=False)
    assert (reversal.amount, reversal.fact, reversal.cause) == (3, first.pk, withdrawn.pk)
    tell("activity.attendance_withdrawn", person=person.pk, corrects=first.pk)  # said again: nothing more to take
    deliver()
    assert score(person, "2026-11") == 5


def test_told_twice_counts_once(town):
    for _ in range(2):
        tell("activity.attended", person=town.members[0].pk, source="attend:1:2:1", data={})
        deliver()
    assert Entry.objects.count() == Posting.objects.count() == 1


def picture():
    """All that the listener built, without what a replay may number anew."""
    book = Book.objects.filter(unit="points", closed_at__isnull=True).first()
    tables = {}
    with connection.cursor() as cursor:
        for table, columns in {
            "points_entry": "fact, seq, rule, subject_kind, subject, day, deserved, given, withdrawn_by",
            "points_used": "subject_kind, subject, name, period, points",
            "points_score": "subject_kind, subject, period, grp, total, points, org",
            "points_histogram": "scope, period, grp, score, n",
            "points_bucket": "scope, period, grp, bucket, n",
            "points_belonging": "person, org, from_day, to_day",
            "points_line": "org, kind, path, dissolved_on",
        }.items():
            where = "WHERE n <> 0" if columns.endswith(", n") else ""
            if table == "points_line":  # a line is learnt when it is first needed
                where = "WHERE org IN (SELECT org FROM points_score)"
            cursor.execute(f"SELECT {columns} FROM {table} {where}")
            tables[table] = sorted(map(repr, cursor.fetchall()))
    tables["postings"] = sorted(
        Posting.objects.filter(book=book).values_list(
            "debit__owner_kind", "debit__owner_id", "credit__owner_kind", "credit__owner_id", "debit__purpose",
            "amount", "at", "fact", "cause", "rule", "pack", "cut", "reverses__fact",
        ),
        key=repr,
    )  # fmt: skip
    return tables


def test_a_replay_comes_out_the_same_and_keeps_the_old_book(town):
    person = town.members[0]
    first = attended(person, day="2026-11-03")
    attended(person, day="2026-11-01")
    deliver()
    tell("activity.attendance_withdrawn", person=person.pk, corrects=first.pk)
    people.move_member(person=person, to=town.branches[3], by=SYSTEM, on=dt.date(2026, 11, 12))
    deliver()
    before, old = picture(), Posting.objects.count()
    relay.replay("points")
    assert picture() == before
    assert Posting.objects.count() == 2 * old
    assert Book.objects.filter(unit="points", closed_at__isnull=False).count() == 1


def test_a_batch_takes_a_handful_of_statements(town, queries):
    """However many facts: the statements are few, and as many for 16 persons as for one."""
    for day in range(1, 10):
        for person in town.members:
            attended(person, day=f"2026-11-{day:02d}", kind="lecture")
    from gongjian.records.facts.stream import number_pending

    number_pending()
    # PostgreSQL takes a large batch through a table of the transaction's own: three short statements more for a table.
    with queries(50 if connection.vendor == "postgresql" else 40):
        deliver()

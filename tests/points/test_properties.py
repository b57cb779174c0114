"""Whatever happens in whatever order: a replay equals the live result, and every rank equals a plain count."""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.listeners import PointsListener
from gongjian.appraisal.points.models import Bucket, Entry, Histogram, Line, Score
from gongjian.appraisal.points.rules import bucket_of
from gongjian.engines.ledger import queries as ledger
from gongjian.engines.ledger.actions import open_book
from gongjian.engines.ledger.models import Posting
from gongjian.engines.relay import relay
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Refused
from gongjian.records.orgs import actions as orgs
from gongjian.records.people import actions as people
from tests.points.conftest import attended, deliver, tell
from tests.points.test_folding import picture

pytestmark = pytest.mark.django_db
WHO = st.integers(0, 5)
DAYS = st.sampled_from(
    ["2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-10", "2025-12-31"]
)
STEPS = st.one_of(
    st.tuples(st.just("attend"), WHO, DAYS, st.sampled_from([30, 60, 130, 500])),
    st.tuples(st.just("award"), WHO, DAYS, st.none()),
    st.tuples(st.just("deduct"), WHO, DAYS, st.none()),
    st.tuples(st.just("signed"), st.integers(0, 3), DAYS, st.none()),
    st.tuples(st.just("withdraw"), st.integers(0, 30), DAYS, st.none()),
    st.tuples(st.just("correct"), st.integers(0, 30), DAYS, st.sampled_from([60, 180])),
    st.tuples(st.just("move"), WHO, st.sampled_from(["2026-10-15", "2026-11-05"]), st.integers(0, 3)),
    st.tuples(st.just("leave"), WHO, st.sampled_from(["2026-10-20", "2026-11-08"]), st.none()),
    st.tuples(st.just("rehang"), st.integers(0, 3), st.none(), st.integers(0, 1)),
    st.tuples(st.just("deliver"), st.none(), st.none(), st.none()),
)


def play(town, steps):
    told = []
    for step, who, day, more in steps:
        if step == "deliver":
            deliver()
            continue
        person = town.members[who * 2] if step in ("attend", "award", "deduct", "move", "leave") else None
        try:
            with transaction.atomic():
                if step == "attend":
                    told.append(attended(person, day=day, minutes=more, kind="lecture"))
                elif step in ("award", "deduct"):
                    kind, rule = ("points.awarded", "help") if step == "award" else ("points.deducted", "absent")
                    told.append(tell(kind, day=day, person=person.pk, data={"rule": rule}))
                elif step == "signed":
                    told.append(tell("activity.signed_off", day=day, org=town.branches[who].pk, data={}))
                elif step == "withdraw" and told:
                    tell("activity.attendance_withdrawn", day=day, corrects=told[who % len(told)].pk)
                elif step == "correct" and told:
                    wrong = told[who % len(told)]
                    told.append(tell("activity.attended", day=day, person=wrong.person, quantity=more, corrects=wrong.pk,
                                     data={"activity_kind": "lecture"}))  # fmt: skip
                elif step == "move":
                    to = town.branches[more]
                    people.move_member(person=person, to=to, by=SYSTEM, on=dt.date.fromisoformat(day))
                elif step == "leave":
                    people.leave(person=person, by=SYSTEM, on=dt.date.fromisoformat(day), reason="转出")
                elif step == "rehang":
                    orgs.move(org=town.branches[who], by=SYSTEM, parent=town.districts[more], on=dt.date(2026, 11, 1))
        except Refused:
            pass  # a move to where one is, a second leaving: nothing happened
    deliver()


def check_counts():
    """The distributions say what the scores say, at every node."""
    paths = dict(Line.objects.values_list("org", "path"))
    scores, buckets = Counter(), Counter()
    for row in Score.objects.filter(org__isnull=False):
        for scope in map(int, paths[row.org].strip("/").split("/")):
            scores[(scope, row.period, row.grp, row.points)] += 1
            buckets[(scope, row.period, row.grp, bucket_of(row.points))] += 1
    stored = Histogram.objects.exclude(n=0).values_list("scope", "period", "grp", "score", "n")
    assert {row[:4]: row[4] for row in stored} == scores
    stored = Bucket.objects.exclude(n=0).values_list("scope", "period", "grp", "bucket", "n")
    assert {row[:4]: row[4] for row in stored} == buckets


def check_ranks():
    """My rank is one more than the number of those with more, for every subject, period and node."""
    paths = dict(Line.objects.values_list("org", "path"))
    for mine in Score.objects.filter(org__isnull=False):
        for found in queries.ranks_of(mine.subject_kind, mine.subject, mine.period):
            peers = [
                row.points
                for row in Score.objects.filter(period=mine.period, grp=mine.grp, org__isnull=False)
                if paths[row.org].startswith(found.org.path)
            ]
            assert found.rank == 1 + sum(points > mine.points for points in peers)
            assert (found.of, found.ties) == (len(peers), peers.count(mine.points))


def check_books():
    """Scores, entries and the ledger are three views of the same sums."""
    book = open_book("points")
    assert ledger.total(book) == 0
    for row in Score.objects.filter(period="2026"):
        standing = Entry.objects.filter(
            subject_kind=row.subject_kind, subject=row.subject, year="2026", withdrawn_by=None
        )
        assert row.total == sum(standing.values_list("given", flat=True))
    net = Counter()
    for posting in Posting.objects.filter(book=book).select_related("debit", "credit"):
        net[(posting.credit.owner_kind, posting.credit.owner_id)] += posting.amount
        net[(posting.debit.owner_kind, posting.debit.owner_id)] -= posting.amount
    for (kind, owner), points in net.items():
        if kind != "issuer":
            standing = Entry.objects.filter(subject_kind=kind, subject=owner, withdrawn_by=None)
            assert points == sum(standing.values_list("given", flat=True))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=25), batch=st.integers(1, 9))
def test_live_equals_replay_and_ranks_equal_counts(town, steps, batch):
    listener = next(entry for entry in relay.listeners() if isinstance(entry, PointsListener))
    with transaction.atomic():
        listener.batch = batch
        play(town, steps)
        live = picture()
        check_counts()
        check_ranks()
        check_books()
        listener.batch = 5000
        relay.replay("points")
        assert picture() == live
        transaction.set_rollback(True)
    listener.batch = PointsListener.batch


def test_buckets_go_on_below_zero():
    assert [bucket_of(points) for points in (-65, -64, -1, 0, 63, 64)] == [-2, -1, -1, 0, 0, 1]

"""The ledger: balanced by its shape, append-only by the database."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from gongjian.engines.ledger import actions, queries
from gongjian.engines.ledger.models import Posting

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)
ISSUER, ANNA, BERT = (actions.AccountKey(kind, n, "life") for kind, n in (("issuer", 0), ("person", 1), ("person", 2)))


@pytest.fixture
def book():
    return actions.open_book("points")


@pytest.fixture
def ids(book):
    return actions.ensure_accounts(book, [ISSUER, ANNA, BERT])


def draft(ids, debit=ISSUER, credit=ANNA, amount=5, **more):
    return actions.Draft(ids[debit], ids[credit], amount, AT, **more)


def test_balances_and_the_sum_of_all(book, ids):
    actions.post_many(book, [draft(ids, fact=1), draft(ids, fact=2, amount=3), draft(ids, ANNA, BERT, 2, fact=3)])
    assert queries.balances(ids.values()) == {ids[ISSUER]: -8, ids[ANNA]: 6, ids[BERT]: 2}
    assert queries.total(book) == 0
    assert [posting.amount for posting in queries.statement(ids[BERT])] == [2]
    assert {posting.fact for posting in queries.statement(ids[ANNA])} == {1, 2, 3}


def test_accounts_are_opened_once(book, ids, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert actions.ensure_accounts(book, [ANNA, BERT, ANNA]) == {ANNA: ids[ANNA], BERT: ids[BERT]}


@pytest.mark.parametrize("change", [{"amount": 0}, {"amount": -5}, {"credit": ISSUER}, {"cut": -1}])
def test_the_database_refuses_what_is_no_transfer(book, ids, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.post_many(book, [draft(ids, **change)])
    assert not Posting.objects.exists()


def test_the_same_rule_posts_once_for_a_fact(book, ids):
    actions.post_many(book, [draft(ids, fact=1, cause=1, rule="attend")])
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.post_many(book, [draft(ids, fact=1, cause=1, rule="attend")])


def test_a_reversal_swaps_the_sides_and_comes_once(book, ids):
    actions.post_many(book, [draft(ids, fact=1, cause=1)])
    first = Posting.objects.get()
    assert actions.reverse_many(book, {first.pk: (9, AT)}) == 1
    reversal = Posting.objects.get(reverses=first)
    assert (reversal.debit_id, reversal.credit_id, reversal.amount) == (first.credit_id, first.debit_id, first.amount)
    assert (reversal.fact, reversal.cause) == (1, 9)
    assert not queries.standing(book, [1]).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.reverse_many(book, {first.pk: (10, AT)})
    assert queries.balances([ids[ANNA]]) == {ids[ANNA]: 0}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger_posting SET amount = 9", "DELETE FROM ledger_posting", "UPDATE ledger_posting SET amount = amount"],
)
def test_the_database_refuses_to_change_a_posting(book, ids, statement):
    actions.post_many(book, [draft(ids, fact=1)])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Posting.objects.get().amount == 5


def test_the_database_refuses_a_negative_amount_by_plain_sql(book, ids):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_posting (book_id, debit_id, credit_id, amount, at, rule, pack, cut)"
            " VALUES (%s, %s, %s, -1, '2026-11-16 00:00:00+00', '', '', 0)",
            [book.pk, ids[ISSUER], ids[ANNA]],
        )


def test_the_next_book_begins_empty_and_keeps_the_old_one(book, ids):
    actions.post_many(book, [draft(ids, fact=1, cause=1)])
    fresh = actions.next_book("points", reason="重算")
    assert (fresh.number, actions.open_book("points")) == (2, fresh)
    new = actions.ensure_accounts(fresh, [ISSUER, ANNA])
    assert queries.balances(new.values()) == dict.fromkeys(new.values(), 0)
    actions.post_many(fresh, [draft(new, fact=1, cause=1)])  # the same fact again, in the new book
    assert queries.balances([ids[ANNA]]) == {ids[ANNA]: 5}

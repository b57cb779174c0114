"""党费的账: every movement of dues is a balanced posting in a book of its own, in fen.

member (person) → branch (cash, or its account) → committee's account → upward; what is spent goes out to its use.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from gongjian.engines.ledger import actions as ledger
from gongjian.engines.ledger import queries as books
from gongjian.engines.ledger.actions import AccountKey, Draft
from gongjian.engines.ledger.models import Book
from gongjian.ground.kernel.db import require_transaction

UNIT = "CNY-fen"
CASH, ACCOUNT, LARGE = "dues_cash", "dues_account", "dues_large"


class Flow(NamedTuple):
    """一笔账: `amount` fen from one holder to another, because of a fact, at a time."""

    frm: AccountKey
    to: AccountKey
    amount: int
    at: dt.datetime
    fact: int
    rule: str


def member(person: int) -> AccountKey:
    """What a member has paid in all (as a negative balance)."""
    return AccountKey("person", person, "dues")


def held(org: int, purpose: str) -> AccountKey:
    """What an organisation holds: cash, in its account, or large dues to be passed on."""
    return AccountKey("organisation", org, purpose)


def spent(org: int, use: str) -> AccountKey:
    """What an organisation has spent on a use."""
    return AccountKey("dues_use", org, use)


def place_of(kind: str, method: str) -> str:
    """Where paid money lies first."""
    return LARGE if kind == "large" else CASH if method == "cash" else ACCOUNT


def post(flows: Iterable[Flow]) -> None:
    """Write the postings, inside the deed's transaction."""
    flows = [flow for flow in flows if flow.amount]
    book = ledger.open_book(UNIT)
    ids = ledger.ensure_accounts(book, [key for flow in flows for key in (flow.frm, flow.to)])
    ledger.post_many(
        book, [Draft(ids[flow.frm], ids[flow.to], flow.amount, flow.at, flow.fact, flow.fact, flow.rule) for flow in flows]
    )  # fmt: skip


def take_back(fact: int, *, cause: int, at: dt.datetime) -> None:
    """Reverse what a fact had posted; once (the ledger refuses a second reversal)."""
    book = ledger.open_book(UNIT)
    ledger.reverse_many(book, {posting.pk: (cause, at) for posting in books.standing(book, [fact])})


def balances_of(org: int) -> dict[str, int]:
    """Fen that an organisation holds, by purpose; 0 where it never had any."""
    book = Book.objects.filter(unit=UNIT, closed_at__isnull=True).first()
    found = dict.fromkeys((CASH, ACCOUNT, LARGE), 0)
    if book is not None:
        accounts = books.accounts_of(book, "organisation", org)
        sums = books.balances(accounts.values())
        found |= {purpose: sums[ident] for purpose, ident in accounts.items() if purpose in found}
    return found


def take_numbers(org: int, year: int, count: int) -> int:
    """The first of `count` receipt numbers in a row. They are given back if the transaction fails, so that none is missing."""
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dues_receiptbook (org_id, year, last) VALUES (%s, %s, 0) ON CONFLICT (org_id, year) DO NOTHING",
            [org, year],
        )
        cursor.execute(
            "UPDATE dues_receiptbook SET last = last + %s WHERE org_id = %s AND year = %s RETURNING last",
            [count, org, year],
        )
        return cursor.fetchone()[0] - count + 1

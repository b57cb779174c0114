"""Writing to the ledger, set-wise: books, accounts, postings and their reversals. Callers check the rights."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from gongjian.engines.ledger.models import Account, Book, Posting
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.db import require_transaction, write_many


class AccountKey(NamedTuple):
    """Who holds an account, and for what."""

    owner_kind: str
    owner_id: int
    purpose: str


class Draft(NamedTuple):
    """A posting to be written: `amount` (whole, above 0) goes out of `debit` into `credit` (ids of accounts)."""

    debit: int
    credit: int
    amount: int
    at: dt.datetime
    fact: int | None = None
    cause: int | None = None
    rule: str = ""
    pack: str = ""
    cut: int = 0
    reverses: int | None = None


@transaction.atomic
def open_book(unit: str) -> Book:
    """The open book of a unit; the first one is made when it is first asked for."""
    found = Book.objects.filter(unit=unit, closed_at__isnull=True).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            last = Book.objects.filter(unit=unit).aggregate(last=Max("number"))["last"] or 0
            return Book.objects.create(unit=unit, number=last + 1, opened_at=clock.now())
    except IntegrityError:  # another process opened it
        return Book.objects.get(unit=unit, closed_at__isnull=True)


@transaction.atomic
def next_book(unit: str, *, reason: str) -> Book:
    """Close the open book of a unit and open the next, empty one; nothing is deleted."""
    Book.objects.filter(unit=unit, closed_at__isnull=True).update(closed_at=clock.now(), reason=reason)
    return open_book(unit)


def ensure_accounts(book: Book, keys: Iterable[AccountKey]) -> dict[AccountKey, int]:
    """Ids of the accounts with these keys; those that are missing are opened. Two statements, three if any is missing."""
    require_transaction()
    keys = sorted(set(keys))
    if not keys:
        return {}

    def known() -> dict[AccountKey, int]:
        condition = Q(pk__in=[])
        for kind in sorted({key.owner_kind for key in keys}):
            condition |= Q(owner_kind=kind, owner_id__in={key.owner_id for key in keys if key.owner_kind == kind})
        rows = Account.objects.filter(condition, book=book).values_list("owner_kind", "owner_id", "purpose", "id")
        return {AccountKey(*row[:3]): row[3] for row in rows}

    found = known()
    missing = [key for key in keys if key not in found]
    if missing:
        write_many(
            "ledger_account", ("book_id", "owner_kind", "owner_id", "purpose"), [(book.pk, *key) for key in missing],
            then="ON CONFLICT (book_id, owner_kind, owner_id, purpose) DO NOTHING",
        )  # fmt: skip
        found = known()
    return {key: found[key] for key in keys}


def post_many(book: Book, drafts: Iterable[Draft]) -> int:
    """Write postings in their order; returns how many. The database refuses an amount of 0 or less, one account on both
    sides, a second reversal, and the same posting for the same fact twice (IntegrityError)."""
    require_transaction()
    return write_many(
        "ledger_posting",
        ("debit_id", "credit_id", "amount", "at", "fact", "cause", "rule", "pack", "cut", "reverses_id", "book_id"),
        [(*draft, book.pk) for draft in drafts],
    )


def reverse_many(book: Book, reversals: dict[int, tuple[int, dt.datetime]]) -> int:
    """Take postings back by postings with the sides swapped; returns how many.

    `reversals`: posting id → (id of the fact that causes it, its time).
    """
    originals = Posting.objects.filter(book=book, pk__in=reversals).order_by("pk")
    return post_many(
        book,
        [
            Draft(
                posting.credit_id, posting.debit_id, posting.amount, reversals[posting.pk][1], posting.fact,
                reversals[posting.pk][0], posting.rule, posting.pack, 0, posting.pk,
            )
            for posting in originals
        ],
    )  # fmt: skip

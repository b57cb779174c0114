"""Reads of the ledger. A balance is what came in (credit) less what went out (debit)."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from gongjian.engines.ledger.models import Account, Book, Posting


def balances(accounts: Iterable[int]) -> dict[int, int]:
    """Balances of accounts (ids), in two statements; 0 for one without postings."""
    found = dict.fromkeys(accounts, 0)
    if not found:
        return found
    for side, sign in (("credit", 1), ("debit", -1)):
        sums = Posting.objects.filter(**{f"{side}__in": found}).values_list(side).annotate(total=Sum("amount"))
        for account, total in sums.order_by(side):
            found[account] += sign * total
    return found


def total(book: Book) -> int:
    """The sum of all balances of a book: zero, because each posting takes from one account what it gives to another."""
    return sum(balances(Account.objects.filter(book=book).values_list("pk", flat=True)).values())


def statement(accounts: int | Iterable[int]) -> QuerySet[Posting]:
    """The postings of one account or several, newest first (对账单)."""
    ids = [accounts] if isinstance(accounts, int) else list(accounts)
    return (
        Posting.objects.filter(Q(credit__in=ids) | Q(debit__in=ids))
        .select_related("debit", "credit")
        .order_by("-at", "-id")
    )


def accounts_of(book: Book, owner_kind: str, owner_id: int) -> dict[str, int]:
    """The accounts of an owner: purpose → id."""
    rows = Account.objects.filter(book=book, owner_kind=owner_kind, owner_id=owner_id)
    return dict(rows.values_list("purpose", "pk"))


def standing(book: Book, facts: Iterable[int]) -> QuerySet[Posting]:
    """Postings about these facts that have not been taken back."""
    taken_back = Posting.objects.filter(reverses=OuterRef("pk"))
    return Posting.objects.filter(~Exists(taken_back), book=book, fact__in=list(facts), reverses__isnull=True)

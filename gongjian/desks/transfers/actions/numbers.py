"""编号: numbers without holes and without doubles, of a committee's year."""

from django.db.models import F

from gongjian.desks.transfers.models import LetterSeries
from gongjian.records.orgs.models import Organisation


def next_number(issuer: Organisation, year: int, *, series: str = "") -> int:
    """The next number of a committee's year, of letters or of the papers of a `series`: no hole, no double.

    Taken inside the deed's transaction: the row of the series is the lock. Whoever comes second waits; a deed that fails gives its number back.
    """
    LetterSeries.objects.bulk_create([LetterSeries(issuer=issuer, year=year, series=series)], ignore_conflicts=True)
    row = LetterSeries.objects.select_for_update().get(issuer=issuer, year=year, series=series)
    LetterSeries.objects.filter(pk=row.pk).update(last=F("last") + 1)
    return row.last + 1

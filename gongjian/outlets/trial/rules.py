"""试算的汇总 (pure): parts put together, who moves between bands, and small numbers kept back."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gongjian.ground.kernel.clock import add_months
from gongjian.ground.policy.schema import Pack

UNKNOWN = "unknown"
GROUPS = ("age", "kind", "district")  # how persons are told apart, in the order of a cell's first fields
STEP = 10  # points in one column of the distribution of scores


def band_places(pack: Pack) -> list[tuple[int, str, str]]:
    """The bands from the lowest to the highest: (from so many points, id, title)."""
    return sorted((band.at_least, band.id, band.title) for band in pack.points.bands)


def place_of(score: int, places: Sequence[tuple[int, str, str]]) -> int:
    """In which of these bands a yearly score lies; below the lowest counts as the lowest (`Points.band` does the same)."""
    return max((at for at, place in enumerate(places) if score >= place[0]), default=0)


def age_band(born: dt.date | None, day: dt.date, pack: Pack) -> str:
    """The pack's band of completed years on a day (周岁，当天生日当天满)."""
    if born is None:
        return UNKNOWN
    for band in pack.statistics.ages:
        if born > add_months(day, -12 * (band.until + 1)):
            return band.id
    return UNKNOWN


def merged(parts: Iterable[Mapping]) -> dict:
    """The sum of what the parts found: numbers are added, mappings merged key by key, cells counted together."""
    total: dict = {}
    for part in parts:
        _add(total, part)
    return total


def _add(total: dict, part: Mapping) -> None:
    for key, value in part.items():
        if isinstance(value, Mapping):
            _add(total.setdefault(key, {}), value)
        elif key == "cells":
            counts = Counter({tuple(cell[:-1]): cell[-1] for cell in total.get(key, [])})
            for cell in value:
                counts[tuple(cell[:-1])] += cell[-1]
            total[key] = [[*cell, n] for cell, n in sorted(counts.items())]
        elif isinstance(value, list):
            old = total.get(key, [0] * len(value))
            total[key] = [left + right for left, right in zip(old, value, strict=True)]
        else:
            total[key] = total.get(key, 0) + value


def by_group(cells: Iterable[Sequence], group: str, bands: int) -> dict[str, dict[str, list[int]]]:
    """Of each member of a group how many stand in each band before and after, and how many go up, stay and go down.

    A cell is (age, kind, district, band before, band after, how many).
    """
    at = GROUPS.index(group) if group else None
    found: dict[str, dict[str, list[int]]] = defaultdict(
        lambda: {"before": [0] * bands, "after": [0] * bands, "moves": [0, 0, 0]}
    )
    for cell in cells:
        row = found[cell[at] if at is not None else ""]
        before, after, n = cell[3:]
        row["before"][before] += n
        row["after"][after] += n
        row["moves"][0 if after > before else 1 if after == before else 2] += n
    return dict(found)


def kept_back(table: Sequence[Sequence[int]], least: int) -> list[list[bool]]:
    """Which cells of a table of counts are not shown, so that no person can be made out (小数不显示).

    Counts from 1 to `least - 1`, and as many others as it takes that no row and no column (their sums may be known)
    has a single hidden cell from which the rest gives it away.
    """
    hidden = [[0 < count < least for count in row] for row in table]
    columns = len(table[0]) if table else 0
    lines = [[(at, column) for column in range(columns)] for at in range(len(table))]
    if len(table) > 1:
        lines += [[(at, column) for at in range(len(table))] for column in range(columns)]
    again = True
    while again:
        again = False
        for line in lines:
            away = [(at, column) for at, column in line if hidden[at][column]]
            if len(away) != 1:
                continue
            rest = [(table[at][column], at, column) for at, column in line if not hidden[at][column]]
            # the smallest that holds anybody; where nobody else is, an empty cell
            chosen = min((cell for cell in rest if cell[0]), default=min(rest, default=None))
            if chosen is not None:
                hidden[chosen[1]][chosen[2]] = again = True
    return hidden


def share(done: int, total: int) -> int:
    """How much of the work is done, in percent."""
    return min(100, round(100 * done / total)) if total else 0


def titles_of(before: Pack, after: Pack) -> dict:
    """The words for what a result names by id, kept with it: the packs themselves are long."""

    def named(*lists: Iterable) -> dict[str, str]:
        return {entry.id: entry.title for entries in lists for entry in entries}

    return {
        "bands": [[title for _at, _id, title in band_places(pack)] for pack in (before, after)],
        "age": named(before.statistics.ages),
        "dimensions": named(after.points.dimensions, before.points.dimensions),
        "duties": {duty.id: duty.short for duty in (*after.duties, *before.duties)},
        "kinds": named(before.org_kinds),
        "roles": named(after.roles, before.roles),
    }

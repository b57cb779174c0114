"""判定: standings of all organisations for one duty, in one statement; the same statement for a few touched cells.

It does over tables what `policy.rules.standing_of` does over values (tests compare the two on random cities). Whether a
duty needs a committee or groups is known only for today: a standing of a past period that is already there stays, and
none is made up afterwards for an organisation that has no committee now.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from gongjian.appraisal.standards import rules
from gongjian.appraisal.standards.models import Moratorium, Standing, Turn
from gongjian.ground.kernel.clock import period_bounds
from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.policy.schema import Duty, Pack

CELLS_AT_ONCE = 400  # well below either database's limit of parameters
Cell = tuple[int, str]  # organisation and period


def take_turn() -> None:
    """Hold the sweep's lock until the transaction ends; sweeps and the listener wait for one another here."""
    Turn.objects.get_or_create(id=1)
    Turn.objects.select_for_update().get(id=1)


def _values(rows: Sequence[Sequence[Any]], casts: str) -> tuple[str, list]:
    """A VALUES list; PostgreSQL must be told the types (`d` date, `i` whole number, `t` text) of the first row."""
    names = {"d": "::date", "i": "::bigint", "t": "::text"} if is_postgres() else dict.fromkeys("dit", "")
    one = "(" + ", ".join("%s" + names[cast] for cast in casts) + ")"
    plain = [
        value.isoformat() if isinstance(value, dt.date) and not is_postgres() else value
        for row in rows
        for value in row
    ]
    return "VALUES " + ", ".join([one] * len(rows)), plain


def _asked(pack: Pack, duty: Duty) -> tuple[str, list]:
    """Condition on organisation `o`: the duty is for its kind, and it has the committee or groups to meet."""
    kinds, parameters = [], []
    for kind in duty.applies_to:
        if duty.needs == "committee":
            threshold = pack.org_kind(kind).committee_from_formal
            if threshold is None:
                continue
            kinds.append("(o.kind = %s AND o.formal_count >= %s)")
            parameters += [kind, threshold]
        elif duty.needs == "groups":
            kinds.append("(o.kind = %s AND o.group_count > 0)")
            parameters.append(kind)
        else:
            kinds.append("o.kind = %s")
            parameters.append(kind)
    return "(" + (" OR ".join(kinds) or "1 = 0") + ")", parameters


def _lived(duty: Duty) -> str:
    """Condition on `o` and period `p`: it was there, and from its first day where the duty skips the period of founding."""
    founded = "o.founded_on <= p.first_day" if duty.founding == "skip" else "o.founded_on <= p.last_day"
    return f"({founded} AND (o.dissolved_on IS NULL OR o.dissolved_on > p.last_day))"


def _counted(duty: Duty, touched: bool) -> tuple[str, list]:
    """The occurrences of the duty with the organisation and period that each counts for."""
    key, parts, parameters = rules.match_key(duty), [], []
    holders = [("x.org_id", "", "x.org_id")]
    if duty.held_by == "own_or_groups":
        join = "JOIN orgs_organisation g ON g.id = x.org_id AND g.kind = 'group'"
        holders.append(("g.parent_id", join, "g.parent_id"))
    for holder, join, field in holders:
        for on, more in (
            ("x.counts_for = p.period AND x.counts_for <> ''", ""),
            ("x.on_day BETWEEN p.first_day AND p.last_day", "AND x.counts_for = ''"),
        ):
            only = f"AND {field} IN (SELECT org FROM touched)" if touched else ""
            parts.append(
                f"""SELECT {holder} AS org, p.period, p.last_day, x.id, x.state, x.on_day
                    FROM standards_occurrence x JOIN period p ON {on} {join}
                    WHERE x.matched = %s AND x.state IN ('done', 'planned') {more} {only}"""
            )
            parameters.append(key)
    return " UNION ALL ".join(parts), parameters


def _in_force(duty: Duty, period: str) -> bool:
    first, last = period_bounds(period)
    return duty.from_ <= first and (duty.until is None or duty.until >= last)


def judge(
    *, pack: Pack, duty: Duty, periods: Iterable[str], today: dt.date, cells: Sequence[Cell] | None = None,
    reopen: Iterable[str] = (),
) -> int:  # fmt: skip
    """Judge a duty for all organisations in these periods and, in the periods `reopen`, for those not settled yet.

    With `cells` only these organisations and periods. Returns how many standings changed. The caller holds `take_turn`.
    """
    if cells is not None:
        changed = 0
        for start in range(0, len(cells), CELLS_AT_ONCE):
            chunk = cells[start : start + CELLS_AT_ONCE]
            changed += _judge(pack, duty, {period: True for _, period in chunk}, today, chunk)
        return changed
    wanted = dict.fromkeys(reopen, False) | dict.fromkeys(periods, True)
    return _judge(pack, duty, wanted, today, None)


def resting(duty: Duty, periods: Iterable[str]) -> list[tuple[str, str, str]]:
    """(period, path, territory path) of each subtree in which an approved moratorium lets the duty rest in a period."""
    found = Moratorium.objects.filter(state="approved").values_list(
        "duties", "starts_on", "ends_on", "org__path", "org__territory_path"
    )
    wanted = list(periods)
    return [
        (period, path, territory)
        for duties, starts_on, ends_on, path, territory in found
        if duty.id in duties
        for period in wanted
        if rules.rests(duty, period, starts_on, ends_on)
    ]


def _judge(pack: Pack, duty: Duty, wanted: dict[str, bool], today: dt.date, cells: Sequence[Cell] | None) -> int:
    rows = []
    for period, whole in sorted(wanted.items()):
        first, last = period_bounds(period)
        if first > today:  # what is planned for later is judged when its time comes
            continue
        warn = last - dt.timedelta(days=duty.warn_days_before)
        rows.append((period, first, last, warn, last + dt.timedelta(days=1), int(whole), int(_in_force(duty, period))))
    if not rows:
        return 0
    values, parameters = _values(rows, "tddddii")
    with_ = [f"period(period, first_day, last_day, warn_day, after_day, whole, in_force) AS ({values})"]
    join = ""
    if cells is not None:
        listed, more = _values(sorted(set(cells)), "it")
        with_.append(f"touched(org, period) AS ({listed})")
        parameters += more
        join = "JOIN touched t ON t.org = o.id AND t.period = p.period"
    still = resting(duty, [row[0] for row in rows])
    held_back = "0"
    if still:
        listed, more = _values(still, "ttt")
        with_.append(f"resting(period, path, territory_path) AS ({listed})")
        parameters += more
        held_back = """CASE WHEN EXISTS (SELECT 1 FROM resting r WHERE r.period = p.period AND (
            SUBSTR(o.path, 1, LENGTH(r.path)) = r.path
            OR SUBSTR(o.territory_path, 1, LENGTH(r.territory_path)) = r.territory_path)) THEN 1 ELSE 0 END"""
    counted, more = _counted(duty, cells is not None)
    parameters += more
    day = "%s::date" if is_postgres() else "%s"
    now = today if is_postgres() else today.isoformat()
    with_.append(
        f"""numbered AS (
              SELECT c.*, ROW_NUMBER() OVER (PARTITION BY c.org, c.period, c.state ORDER BY c.on_day, c.id) AS place
              FROM ({counted}) c),
            tally AS (
              SELECT org, period,
                SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END) AS done,
                SUM(CASE WHEN state = 'done' AND on_day <= last_day THEN 1 ELSE 0 END) AS in_time,
                SUM(CASE WHEN state = 'planned' AND on_day >= {day} AND on_day <= last_day THEN 1 ELSE 0 END) AS planned,
                MAX(CASE WHEN state = 'done' AND place = %s THEN on_day END) AS fulfilled_on
              FROM numbered GROUP BY org, period)"""
    )
    parameters += [now, duty.times]
    asked, more = _asked(pack, duty)
    kinds = ", ".join(["%s"] * len(duty.applies_to))
    existing = (
        "EXISTS (SELECT 1 FROM standards_standing s WHERE s.org_id = o.id AND s.duty = %s AND s.period = p.period"
    )
    open_states = ", ".join(f"'{state}'" for state in Standing.OPEN)
    same = "IS DISTINCT FROM" if is_postgres() else "IS NOT"
    text, number = ("%s::text", "%s::bigint") if is_postgres() else ("%s", "%s")
    columns = ("required", "done", "planned", "state", "since", "due_on", "made_good_on", "pack_version")
    # What stands already as it should be is left out before the upsert: PostgreSQL would lock, and so write, each row.
    # INSERT comes first, so that Python's sqlite3 knows a writing statement and counts its rows.
    sql = f"""
        INSERT INTO standards_standing (org_id, duty, period, {", ".join(columns)})
        WITH {", ".join(with_)},
        judged AS (
          SELECT o.id AS org, p.period, p.first_day, p.last_day, p.warn_day, p.after_day, y.fulfilled_on,
            COALESCE(y.done, 0) AS done, COALESCE(y.planned, 0) AS planned,
            CASE WHEN COALESCE(y.done, 0) >= %s
                   THEN CASE WHEN y.in_time >= %s THEN 'kept' ELSE 'made_good' END
                 WHEN e.id IS NOT NULL THEN 'waived'
                 WHEN {held_back} = 1 THEN 'on_hold'
                 WHEN {day} > p.last_day THEN 'short'
                 WHEN COALESCE(y.done, 0) + COALESCE(y.planned, 0) >= %s OR {day} < p.warn_day THEN 'on_track'
                 ELSE 'at_risk' END AS state
          FROM orgs_organisation o CROSS JOIN period p {join}
          LEFT JOIN tally y ON y.org = o.id AND y.period = p.period
          LEFT JOIN standards_excuse e
            ON e.org_id = o.id AND e.duty = %s AND e.period = p.period AND e.state = 'approved'
          WHERE o.kind IN ({kinds}) AND p.in_force = 1 AND {_lived(duty)}
            AND ({asked} OR (p.last_day < {day} AND {existing})))
            AND (p.whole = 1 OR {existing} AND s.state IN ({open_states})))),
        fresh AS (
          SELECT org AS org_id, {text} AS duty, period, {number} AS required, done, planned, state,
            CASE state WHEN 'short' THEN after_day WHEN 'at_risk' THEN warn_day
                       WHEN 'on_track' THEN first_day WHEN 'waived' THEN first_day WHEN 'on_hold' THEN first_day
                       ELSE fulfilled_on END AS since,
            last_day AS due_on, CASE WHEN state = 'made_good' THEN fulfilled_on END AS made_good_on,
            {text} AS pack_version
          FROM judged)
        SELECT n.org_id, n.duty, n.period, {", ".join(f"n.{c}" for c in columns)}
        FROM fresh n LEFT JOIN standards_standing s
          ON s.org_id = n.org_id AND s.duty = n.duty AND s.period = n.period
        WHERE s.id IS NULL OR {" OR ".join(f"s.{c} {same} n.{c}" for c in columns)}
        ORDER BY n.org_id, n.period
        ON CONFLICT (org_id, duty, period) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in columns)}"""
    parameters += [duty.times, duty.times, now, duty.times, now, duty.id]
    parameters += [*duty.applies_to, *more, now, duty.id, duty.id]
    parameters += [duty.id, duty.times, pack.version]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        changed = max(0, cursor.rowcount)
    return changed + _drop(pack, duty, rows, today, cells)


def _drop(pack: Pack, duty: Duty, rows: list[tuple], today: dt.date, cells: Sequence[Cell] | None) -> int:
    """Take away standings that the duty does not ask for any more: dissolved inside the period, no committee now."""
    values, parameters = _values([(row[0], row[1], row[2], row[6]) for row in rows], "tddi")
    asked, more = _asked(pack, duty)
    day = "%s::date" if is_postgres() else "%s"
    only, orgs = "", []
    if cells is not None:
        orgs = sorted({org for org, _ in cells})
        only = f"AND s.org_id IN ({', '.join(['%s'] * len(orgs))})"
    sql = f"""
        DELETE FROM standards_standing WHERE id IN (
          WITH period(period, first_day, last_day, in_force) AS ({values})
          SELECT s.id FROM standards_standing s JOIN period p ON p.period = s.period
            JOIN orgs_organisation o ON o.id = s.org_id
          WHERE s.duty = %s {only} AND NOT (
            p.in_force = 1 AND {_lived(duty)} AND ({asked} OR p.last_day < {day})))"""
    parameters += [duty.id, *orgs, *more, today if is_postgres() else today.isoformat()]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return max(0, cursor.rowcount)


def open_periods(duty: Duty, today: dt.date) -> list[str]:
    """Past periods in which somebody is not settled yet: still to be judged short, or short and to be made good."""
    current = rules.period_of(today, duty.per)
    found = (
        Standing.objects.filter(duty=duty.id, state__in=Standing.OPEN, due_on__lt=today)
        .values_list("period", flat=True)
        .distinct()
    )
    return sorted(set(found) - {current})


@transaction.atomic
def judge_duty(*, pack: Pack, duty: Duty, today: dt.date, since: dt.date | None = None) -> int:
    """Judge a duty in its current period, in all periods from `since` on, and wherever a past one is not settled.

    Returns how many standings changed.
    """
    take_turn()
    periods = rules.periods_between(min(since or today, today), today, duty.per)
    return judge(pack=pack, duty=duty, periods=periods, today=today, reopen=open_periods(duty, today))

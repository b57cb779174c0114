"""清点: what a database holds, in few numbers that a restored one must show again."""

from collections.abc import Callable
from typing import Any

Ask = Callable[[str], list[tuple]]  # runs a statement on the connection that is counted

# Not carried from one place to another, or changed by the mere looking at it.
PASSING = (
    "django_session",
    "usersessions_usersession",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
)


def holdings(ask: Ask, tables: list[str]) -> dict[str, Any]:
    """Rows of each table, the facts and their last number, the last seal, the points posted and the migrations."""
    rows = {table: ask(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in sorted(tables) if table not in PASSING}

    def one(table: str, sql: str) -> Any:
        found = ask(sql) if table in rows else []
        return found[0] if found else None

    seal = one("facts_seal", "SELECT number, digest FROM facts_seal ORDER BY number DESC LIMIT 1")
    facts = one("facts_fact", "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM facts_fact")
    points = one("ledger_posting", "SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM ledger_posting")
    moved = ask("SELECT app, name FROM django_migrations ORDER BY app, name") if "django_migrations" in rows else []
    return {
        "rows": rows,
        "facts": {"count": int(facts[0]), "last": int(facts[1])} if facts else None,
        "seal": {"number": int(seal[0]), "digest": seal[1]} if seal else None,
        "points": {"postings": int(points[0]), "sum": int(points[1])} if points else None,
        "migrations": [f"{app}.{name}" for app, name in moved],
    }


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What differs between two counts, in words; nothing if they agree."""
    words = []
    for table in sorted({*expected["rows"], *found["rows"]}):
        before, after = expected["rows"].get(table), found["rows"].get(table)
        if before != after:
            words.append(f"表 {table}：应有 {before} 行，实有 {after} 行")
    for key, title in (("facts", "事实"), ("seal", "最后一次封存"), ("points", "积分"), ("migrations", "数据库版本")):
        if expected.get(key) != found.get(key):
            words.append(f"{title}与备份时不一致")
    return words

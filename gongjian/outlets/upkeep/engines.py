"""数据库的复制: a consistent copy of either database into one file, and back."""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.kernel.errors import Refused
from gongjian.outlets.upkeep.counting import holdings


def vendor() -> str:
    """`sqlite` or `postgresql`."""
    return "postgresql" if is_postgres() else "sqlite"


def copy_to(target: Path) -> dict[str, Any]:
    """Copy the database into a file while it is in use, and count exactly what the copy holds."""
    return _dump(target) if is_postgres() else _copy_sqlite(target)


def _copy_sqlite(target: Path) -> dict[str, Any]:
    name = settings.DATABASES["default"]["NAME"]
    if not Path(name).exists():
        raise Refused(f"数据库文件 {name} 不存在，没有可备份的内容。")
    with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=4096)
        copy.execute("PRAGMA journal_mode=DELETE")
    return count_sqlite(target)


def count_sqlite(path: Path) -> dict[str, Any]:
    """What a SQLite file holds; Refused if its pages are damaged."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise Refused("数据库文件内部有损坏。")
            names = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            tables = [name for name in names if not name.startswith("sqlite_")]
            return holdings(lambda sql: copy.execute(sql).fetchall(), tables)
    except sqlite3.DatabaseError as problem:
        raise Refused(f"这不是完好的 SQLite 数据库：{problem}") from None


def count_here() -> dict[str, Any]:
    """What the configured database holds now."""

    def ask(sql: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return holdings(ask, connection.introspection.table_names())


def _dump(target: Path) -> dict[str, Any]:
    """pg_dump and our counting look at one and the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"
        )
        return count_here()


def put_back_sqlite(source: Path) -> None:
    """Put a checked file in the place of the configured database; what was there is kept beside it."""
    connection.close()
    place = Path(settings.DATABASES["default"]["NAME"])
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        with closing(sqlite3.connect(place)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = place.with_name(place.name + ".before-restore")
        os.replace(place, kept)
    for tail in ("-wal", "-shm"):
        Path(f"{place}{tail}").unlink(missing_ok=True)
    beside = place.with_name(place.name + ".restoring")
    shutil.copyfile(source, beside)
    beside.chmod(0o600)
    os.replace(beside, place)


def put_back_postgres(source: Path) -> None:
    """Load a dump in one transaction: it comes in whole or not at all. Tables that are there are replaced."""
    _run("pg_restore", "--list", str(source), connect=False)
    connection.close()
    _run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
        str(source),
    )  # fmt: skip


def _run(program: str, *arguments: str, connect: bool = True) -> None:
    found = shutil.which(program) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if found is None:
        raise Refused(f"找不到 {program}，请安装 PostgreSQL 客户端（Debian：apt install postgresql-client）。")
    place = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": place["PASSWORD"] or "", "LC_ALL": "C"}
    options = []
    if connect:
        options = [f"--dbname={place['NAME']}", "--no-password"]
        options += [f"--host={place['HOST']}"] if place["HOST"] else []
        options += [f"--port={place['PORT']}"] if place["PORT"] else []
        options += [f"--username={place['USER']}"] if place["USER"] else []
    done = subprocess.run([found, *options, *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        reason = re.sub(r"\s+", " ", done.stderr).strip()[-300:]
        raise Refused(f"{program} 没有成功：{reason}")

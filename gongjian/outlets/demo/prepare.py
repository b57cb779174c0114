"""准备: finds out what the database holds, and makes room for a demo city without touching anybody's real data."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.kernel.errors import Refused
from gongjian.outlets.demo.models import Preparation
from gongjian.outlets.demo.sizes import CITY
from gongjian.records.orgs.models import Organisation

EMPTY, READY, HALF, FOREIGN = "empty", "ready", "half", "foreign"


def what_is_there() -> str:
    """`empty`, a `ready` demo city, one left `half` built, or `foreign`: records that no demo made."""
    if not is_postgres() and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return EMPTY
    tables = set(connection.introspection.table_names())
    if Preparation._meta.db_table in tables:
        mark = Preparation.objects.values("finished_at").first()  # not yet migrated, it may lack the newer columns
        if mark is not None:
            return READY if mark["finished_at"] else HALF
    if Organisation._meta.db_table in tables and Organisation.objects.exists():
        return FOREIGN
    return EMPTY


def may_go_on(size: str, seed: int) -> bool:
    """Whether the city left half built is the one now asked for, by a program that keeps its progress."""
    call_command("migrate", verbosity=0, interactive=False)
    return Preparation.objects.filter(size=size, seed=seed, finished_at=None).exclude(progress={}).exists()


def make_room(state: str, size: str, seed: int, *, fresh: bool, force: bool = False) -> bool:
    """Empty the database of a demo that shall be built anew or was left as another city, and migrate; whether a build
    goes on. Refuses to touch real records, and to put a city of millions into SQLite unless forced."""
    if state == FOREIGN:
        raise Refused(
            "数据库里已有不是演示生成的数据，演示不会动它。请另设 GONGJIAN_HOME（或 GONGJIAN_DATABASE）再运行。"
        )
    if size == CITY.name and not is_postgres() and not force and (state != READY or fresh):
        raise Refused(
            "city 规模一年有两千万条事实，请用 PostgreSQL（设 GONGJIAN_DATABASE）；确要放进 SQLite，请加 --force。"
        )
    if state == HALF and not fresh and may_go_on(size, seed):
        return True
    if state == HALF or (state == READY and fresh):
        _empty()
    call_command("migrate", verbosity=0, interactive=False)
    return False


def _empty() -> None:
    if is_postgres():
        call_command("flush", verbosity=0, interactive=False)
        return
    # SQLite's guards refuse to delete facts, as they should; a demo's file goes as a whole
    connection.close()
    name = settings.DATABASES["default"]["NAME"]
    for tail in ("", "-wal", "-shm"):
        Path(f"{name}{tail}").unlink(missing_ok=True)

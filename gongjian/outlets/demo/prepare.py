"""准备: finds out what the database holds, and brings it to a finished demo city without touching anybody's real data."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.kernel.errors import Refused
from gongjian.outlets.demo.models import Preparation
from gongjian.records.orgs.models import Organisation

EMPTY, READY, HALF, FOREIGN = "empty", "ready", "half", "foreign"


def what_is_there() -> str:
    """`empty`, a `ready` demo city, one left `half` built, or `foreign`: records that no demo made."""
    if not is_postgres() and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return EMPTY
    tables = set(connection.introspection.table_names())
    if Preparation._meta.db_table in tables:
        mark = Preparation.objects.first()
        if mark is not None:
            return READY if mark.finished_at else HALF
    if Organisation._meta.db_table in tables and Organisation.objects.exists():
        return FOREIGN
    return EMPTY


def make_room(state: str, *, fresh: bool) -> None:
    """Empty the database of a demo that is half built or shall be built anew, and migrate. Refuses to touch real records."""
    if state == FOREIGN:
        raise Refused(
            "数据库里已有不是演示生成的数据，演示不会动它。请另设 GONGJIAN_HOME（或 GONGJIAN_DATABASE）再运行。"
        )
    if state == HALF or (state == READY and fresh):
        _empty()
    call_command("migrate", verbosity=0, interactive=False)


def _empty() -> None:
    if is_postgres():
        call_command("flush", verbosity=0, interactive=False)
        return
    # SQLite's guards refuse to delete facts, as they should; a demo's file goes as a whole
    connection.close()
    name = settings.DATABASES["default"]["NAME"]
    for tail in ("", "-wal", "-shm"):
        Path(f"{name}{tail}").unlink(missing_ok=True)

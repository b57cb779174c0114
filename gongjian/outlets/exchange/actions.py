"""Deeds: take in a file, agree to it, take it back, give it up; and the two that the worker does — check and write."""

import datetime as dt
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, GongjianError, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.sheets import Limits, Reading
from gongjian.ground.sheets import read as read_sheet
from gongjian.ground.sheets.binding import Result, SheetBinding
from gongjian.outlets.exchange import queries, store
from gongjian.outlets.exchange.bindings import binding_for, bindings, importable, title_of
from gongjian.outlets.exchange.models import ImportJob
from gongjian.outlets.exchange.states import (
    AGREED,
    APPLIED,
    APPLYING,
    BUSY,
    CHECKED,
    CHECKING,
    DROPPED,
    FAILED,
    REFUSED,
    RUNNING,
    UNDONE,
    UPLOADED,
    WAITING,
    WORK,
)
from gongjian.records import facts
from gongjian.records.access.queries import actor_of

log = logging.getLogger(__name__)
LIMITS = Limits()
LOST_AFTER = dt.timedelta(seconds=30)  # without a heartbeat
ATTEMPTS = 3
TRIAL_ROWS = 20_000  # up to here the check tries the writing out and takes it back, and so knows the exact counts
KEPT_DAYS = 30  # a file that nobody agreed to
AT_ONCE_BYTES, AT_ONCE_ROWS = 200_000, 500  # up to here within the request
# how files that are no tables begin → what they are
STRANGERS = (
    (b"%PDF", gettext_lazy("PDF 文件")),
    (b"\x89PNG", gettext_lazy("图片")),
    (b"\xff\xd8\xff", gettext_lazy("图片")),
    (b"GIF8", gettext_lazy("图片")),
    (b"MZ", gettext_lazy("程序文件")),
    (b"\x7fELF", gettext_lazy("程序文件")),
    (b"Rar!", gettext_lazy("压缩包")),
    (b"7z\xbc\xaf", gettext_lazy("压缩包")),
    (b"{\\rtf", gettext_lazy("文字处理文档")),
)


class _TryOut(Exception):
    """Ends a trial so that everything written in it is taken back; carries what came of it."""

    def __init__(self, result: Result) -> None:
        self.result = result


class _LostClaim(Exception):
    """Another worker has taken this import up: what was written here must not stay."""


def upload(
    *, sheet: str, file_name: str, chunks: Iterable[bytes], by: Actor, at: dt.datetime | None = None
) -> ImportJob:
    """Take in a file to be checked. Raises Invalid for what is empty, too large or no table."""
    by.require("exchange.import")
    binding_for(sheet, importable(by))
    org = queries.scope_of(by)
    name, digest, size = store.keep(_measured(chunks))
    try:
        return ImportJob.objects.create(
            sheet=sheet, file_name=file_name[-200:], stored=name, digest=digest, size=size, user_id=by.user, org=org,
            token_scopes=sorted(by.token_scopes) if by.token_scopes is not None else None, uploaded_at=at or clock.now(),
        )  # fmt: skip
    except Exception:
        store.drop(name)
        raise


def _measured(chunks: Iterable[bytes]) -> Iterable[bytes]:
    size = 0
    for chunk in chunks:
        if size == 0:
            for mark, what in STRANGERS:
                if chunk.startswith(mark):
                    raise Invalid(
                        _("这是%(what)s，不是表格。请上传 .xlsx、.xls 或 .csv 文件。") % {"what": what}, field="file"
                    )
        size += len(chunk)
        if size > LIMITS.file_bytes:
            raise Invalid(
                _("文件超过 %(mb)d MB，请拆成几个文件上传。") % {"mb": LIMITS.file_bytes // 1048576}, field="file"
            )
        yield chunk
    if size == 0:
        raise Invalid(_("文件是空的，请检查后重新上传。"), field="file")


def agree(*, job: ImportJob, by: Actor, at: dt.datetime | None = None) -> ImportJob:
    """Agree that a checked file is written. Raises Refused unless it waits for that, and for a second agreement."""
    by.require("exchange.import")
    job = queries.get_for(by, job.pk, own=True)
    binding_for(job.sheet, importable(by))
    if not ImportJob.objects.filter(pk=job.pk, state=CHECKED).update(
        state=AGREED, attempts=0, heartbeat=at or clock.now()
    ):
        raise Refused(_("这份文件现在不能写入：它已经处理过，或还有问题没有改。"))
    store.silence(job.stored)
    job.refresh_from_db()
    return job


def drop(*, job: ImportJob, by: Actor) -> None:
    """Give an import up before it is written; its file is deleted."""
    job = queries.get_for(by, job.pk, own=True)
    if not ImportJob.objects.filter(pk=job.pk, state__in=(UPLOADED, CHECKED, REFUSED)).update(state=DROPPED, stored=""):
        raise Refused(_("这次导入正在处理或已经写入，不能放弃。"))
    store.drop(job.stored)


@transaction.atomic
def undo(*, job: ImportJob, by: Actor, at: dt.datetime | None = None) -> int:
    """Take a written import back as a whole; returns how many rows. Raises Refused where something has built on it."""
    by.require("exchange.import")
    job = queries.get_for(by, job.pk, own=True)
    binding = binding_for(job.sheet, importable(by))
    moment = at or clock.now()
    if binding.undo is None:
        raise Refused(_("这种表格的导入不能整份撤销，请逐条更正。"))
    if not ImportJob.objects.filter(pk=job.pk, state=APPLIED).update(state=UNDONE, undone_at=moment):
        raise Refused(_("这次导入没有写入，或者已经撤销过。"))
    taken = binding.undo(batch_of(job), by=by, at=moment)
    count = taken.created + taken.updated
    facts.record(
        "import.undone", by=by, at=moment, org=job.org_id, obj=Ref("import", str(job.pk)), quantity=count,
        data={"sheet": job.sheet}, source=f"import.undone:{job.pk}",
    )  # fmt: skip
    return count


def batch_of(job: ImportJob) -> str:
    """By what name a room's rows remember the import they came with."""
    return f"import-{job.pk}"


# --- the worker ---------------------------------------------------------------------------------------------------
def claim(now: dt.datetime | None = None, only: int | None = None) -> ImportJob | None:
    """Take up the import that waits longest (or `only` this one); two workers never get the same."""
    now = now or clock.now()
    waiting = ImportJob.objects.filter(state__in=WAITING).order_by("pk")
    for job in waiting.filter(pk=only) if only else waiting[:20]:
        token = secrets.token_hex(16)
        if ImportJob.objects.filter(pk=job.pk, state=job.state).update(
            state=WORK[job.state], claim=token, heartbeat=now, attempts=F("attempts") + 1
        ):
            job.refresh_from_db()
            return job
    return None


def take_up_lost(now: dt.datetime | None = None) -> int:
    """Put back what a worker left lying (it was killed); after ATTEMPTS times it is marked as failed."""
    now = now or clock.now()
    found = 0
    for job in ImportJob.objects.filter(state__in=RUNNING, heartbeat__lt=now - LOST_AFTER):
        if store.told_at(job.stored) > (now - LOST_AFTER).timestamp():
            continue
        back = next(waiting for waiting, running in WORK.items() if running == job.state)
        change = {"state": back, "claim": "", "heartbeat": now}
        if job.attempts >= ATTEMPTS:
            change |= {"state": FAILED, "failure": _("处理多次中断，没有写入任何内容。请稍后重新上传，或联系管理员。")}
        found += ImportJob.objects.filter(pk=job.pk, state=job.state, claim=job.claim).update(**change)
    return found


def work(job: ImportJob) -> ImportJob:
    """Check or write a claimed import; whatever goes wrong is told on the import, and nothing is left half written."""
    with store.beating(job.stored):
        try:
            (check if job.state == CHECKING else apply)(job)
        except _LostClaim:
            log.warning("import %s was taken up by another worker", job.pk)
        except FileNotFoundError:
            _fail(job, _("上传的文件不见了，请重新上传。"))
        except (Forbidden, NotFound) as error:
            _fail(job, error.message)
        except Exception as error:
            log.exception("import %s failed", job.pk)
            reason = (
                error.message
                if isinstance(error, GongjianError)
                else _("程序处理这份文件时出错，已记入日志，请联系管理员。")
            )
            _fail(job, reason)
    job.refresh_from_db()
    return job


def _fail(job: ImportJob, reason: str) -> None:
    ImportJob.objects.filter(pk=job.pk, claim=job.claim, state__in=RUNNING).update(
        state=FAILED, failure=reason[:500], stored=""
    )
    store.drop(job.stored)


def _who(job: ImportJob) -> tuple[Actor, SheetBinding]:
    """Who imports, with the rights of now, and what; Forbidden or NotFound if a right was lost on the way."""
    by = actor_of(job.user)
    if job.token_scopes is not None:
        by = replace(by, kind="client", token_scopes=frozenset(job.token_scopes))
    by.require("exchange.import")
    return by, binding_for(job.sheet, importable(by))


def _read(job: ImportJob, binding: SheetBinding, by: Actor, progress: Callable[[int, int], None]) -> Reading:
    """The file with everything that is wrong with it, by the table's columns and by the room's own knowledge."""
    content = store.read(job.stored)
    reading = read_sheet(content, binding.sheet, job.file_name, progress=progress)
    if not reading.rows and not reading.ok:
        other = _looks_like(content, job)
        if other:
            reading.notes.insert(0, _("这份文件看起来是“%(title)s”表：请改选这种表格再上传。") % {"title": other})
    _ask_room(binding, reading, by)
    return reading


def _ask_room(binding: SheetBinding, reading: Reading, by: Actor) -> None:
    """Every row is put before the room, those with faulty cells too: all that is wrong is told at once.

    What it says of a cell that could not be read is left out, for it saw that cell as empty.
    """
    told = {(problem.row, problem.key) for problem in reading.problems if problem.key}
    for problem in binding.check(reading.rows, by=by):
        if (problem.row, problem.key) in told:
            continue
        column = reading.sheet.by_key.get(problem.key)
        reading.add(
            replace(
                problem, letter=problem.letter or reading.letters.get(problem.key, ""),
                column=problem.column or (str(column.title) if column else ""),
            )
        )  # fmt: skip
    reading.problems.sort(key=lambda problem: (problem.row, len(problem.letter), problem.letter))


def _looks_like(content: bytes, job: ImportJob) -> str:
    """The title of another table whose columns this file has; "" if none."""
    for ident, binding in bindings().items():
        sheet = binding.sheet
        if ident != job.sheet:
            needed = {column.key for column in sheet.columns if column.required}
            if needed and needed <= set(read_sheet(content, sheet).letters):
                return title_of(binding)
    return ""


def _told(reading: Reading) -> dict:
    return {
        "rows": len(reading.rows), "problem_count": reading.problem_count, "tab": reading.tab[:100],
        "problems": [asdict(problem) for problem in reading.problems], "notes": [str(note) for note in reading.notes],
    }  # fmt: skip


def check(job: ImportJob) -> None:
    """Dry run: every problem; if there is none, what would be new, changed and unchanged. Nothing stays written."""
    by, binding = _who(job)
    progress = store.Progress(job.stored)
    reading = _read(job, binding, by, progress)
    result = None
    if reading.ok and len(reading.rows) <= TRIAL_ROWS:
        try:
            with transaction.atomic():
                raise _TryOut(
                    binding.apply(reading.rows, by=by, at=clock.now(), batch=batch_of(job), progress=progress)
                )
        except _TryOut as done:
            result = done.result
        except Refused as refusal:
            reading.problem(0, refusal.field or "", refusal.message)
    done = {"state": CHECKED if reading.ok else REFUSED, "checked_at": clock.now(), "counted": result is not None}
    if result is not None:
        done |= {"created": result.created, "updated": result.updated, "unchanged": result.unchanged}
    _finish(job, CHECKING, {**_told(reading), **done})


def apply(job: ImportJob) -> None:
    """Write everything or nothing: the file is read and checked again, for the world may have moved on since."""
    by, binding = _who(job)
    progress = store.Progress(job.stored)
    reading = read_sheet(store.read(job.stored), binding.sheet, job.file_name)
    moment = clock.now()
    try:
        with transaction.atomic():
            _ask_room(binding, reading, by)
            if not reading.ok:
                raise Refused(_("检查之后情况有变，这份文件现在有问题。"))
            result = binding.apply(reading.rows, by=by, at=moment, batch=batch_of(job), progress=progress)
            done = {
                "state": APPLIED, "applied_at": moment, "created": result.created, "updated": result.updated,
                "unchanged": result.unchanged, "stored": "", "counted": True,
            }  # fmt: skip
            facts.record(
                "import.applied", by=by, at=moment, org=job.org_id, obj=Ref("import", str(job.pk)),
                quantity=result.created + result.updated,
                data={"sheet": job.sheet, "digest": job.digest, "created": result.created, "updated": result.updated,
                      "unchanged": result.unchanged},
                source=f"import.applied:{job.pk}",
            )  # fmt: skip
            _finish(job, APPLYING, done)
    except Refused as refusal:
        if reading.ok:
            reading.problem(0, refusal.field or "", refusal.message)
        _finish(job, APPLYING, {**_told(reading), "state": REFUSED, "checked_at": clock.now()})
        return
    store.drop(job.stored)


def _finish(job: ImportJob, state: str, done: dict) -> None:
    """Write the outcome while the claim is still our own; else whatever we wrote is rolled back."""
    if not ImportJob.objects.filter(pk=job.pk, state=state, claim=job.claim).update(**done):
        raise _LostClaim


def tidy(now: dt.datetime | None = None) -> int:
    """Delete files that nobody will need any more; returns how many imports were closed by it."""
    before = (now or clock.now()) - dt.timedelta(days=KEPT_DAYS)
    closed = 0
    for job in ImportJob.objects.filter(state__in=(CHECKED, REFUSED), checked_at__lt=before).exclude(stored=""):
        gone = {"stored": ""} if job.state == REFUSED else {"stored": "", "state": DROPPED}
        closed += ImportJob.objects.filter(pk=job.pk, state=job.state).update(**gone)
        store.drop(job.stored)
    known = set(ImportJob.objects.exclude(stored="").values_list("stored", flat=True))
    store.sweep(known, before.timestamp())
    return closed


def may_wait(job: ImportJob) -> bool:
    """Whether somebody should rather come back than wait: too large for the request, or already with the worker."""
    return job.state not in BUSY or job.size > AT_ONCE_BYTES or job.rows > AT_ONCE_ROWS


def at_once(job: ImportJob) -> ImportJob:
    """Do small work within the request; larger work is left to the worker."""
    if may_wait(job):
        return job
    mine = claim(only=job.pk)
    return work(mine) if mine is not None else job

"""Reads of imports: one's own, and for those who hold the right higher up a summary of the others'."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.sheets import Problem, problems_xlsx
from gongjian.outlets.exchange import store
from gongjian.outlets.exchange.bindings import bindings, title_of
from gongjian.outlets.exchange.models import ImportJob
from gongjian.outlets.exchange.states import BUSY, RUNNING
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation


def visible_to(actor: Actor) -> QuerySet[ImportJob]:
    """One's own imports, and those made below where one holds the right to import."""
    own = Q(user_id=actor.user) if actor.user else Q(pk__in=[])
    return ImportJob.objects.filter(own | scope_q(actor, "exchange.import", prefix="org__")).select_related(
        "user__person", "org"
    )


def get_for(actor: Actor, ident: int | str, *, own: bool = False) -> ImportJob:
    """One import that the actor may see (`own`: that is the actor's); NotFound otherwise."""
    found = visible_to(actor)
    if own and actor.kind != "system":
        found = found.filter(user_id=actor.user or 0)
    try:
        return found.get(pk=ident)
    except (ImportJob.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(_("没有找到这次导入，或者它不在您的可见范围内。")) from None


def scope_of(actor: Actor) -> Organisation:
    """The highest organisation over which the actor may import; NotFound if there is none."""
    found = orgs.visible_to(actor, permission="exchange.import").order_by("path").first()
    if found is None:
        raise NotFound(_("您的管理范围内还没有组织，不能导入。"))
    return found


def titles() -> dict[str, str]:
    """Sheet titles by id."""
    return {ident: title_of(binding) for ident, binding in bindings().items()}


def standing(job: ImportJob) -> dict[str, Any]:
    """How far it is: {done, total, share, busy}; share in percent."""
    done, total = store.progress_of(job.stored) if job.state in RUNNING and job.stored else (0, 0)
    return {
        "done": done, "total": total, "share": round(100 * done / total) if total else 0, "busy": job.state in BUSY,
    }  # fmt: skip


def problems_of(job: ImportJob) -> list[Problem]:
    """The kept problems as the sheets engine knows them."""
    return [Problem(**entry) for entry in job.problems]


def marked(job: ImportJob) -> bytes:
    """The person's own file with its problems marked. Raises NotFound once the file was deleted."""
    try:
        content = store.read(job.stored) if job.stored else b""
    except FileNotFoundError:
        content = b""
    if not content:
        raise NotFound(_("上传的文件已按规定清理，请重新上传后查看。"))
    return problems_xlsx(content, problems_of(job), tab=job.tab)


def same_before(job: ImportJob) -> ImportJob | None:
    """An earlier import of exactly this file, applied and not undone."""
    return (
        ImportJob.objects.filter(digest=job.digest, sheet=job.sheet, user_id=job.user_id, state="applied")
        .exclude(pk=job.pk).order_by("-pk").first()
    )  # fmt: skip


def by_kind(problems: Iterable[Problem]) -> list[tuple[str, int]]:
    """How often each column has problems, most first: where to begin mending."""
    counts: dict[str, int] = {}
    for problem in problems:
        name = problem.column or _("整行或整个文件")
        counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

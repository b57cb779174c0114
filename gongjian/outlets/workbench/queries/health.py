"""How the installation is: what the administrator looks at, and the short answer for machines."""

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.engines import relay
from gongjian.engines.relay.models import Cursor, JobRun
from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.actor import Actor
from gongjian.outlets.exchange import queries as imports
from gongjian.outlets.exchange.states import BUSY, FAILED
from gongjian.records.access.models import RoleGrant, User
from gongjian.records.facts.models import Seal
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated, Membership

LAG_WARN = 2000  # facts not yet taken in, from which on a listener is behind
JOB_LATE = dt.timedelta(minutes=30)
CALENDAR_WARN = dt.timedelta(days=60)
JOB_LOOKS = {"never": ("quiet", "clock", gettext_lazy("还没运行过"))}


def pulse() -> dict[str, Any]:
    """The database answers, and how far the relay is behind: for monitors. Raises the database's error if it is away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    lag = relay.lag()
    failed = sorted(Cursor.objects.exclude(error="").values_list("name", flat=True))
    return {"status": "degraded" if failed else "ok", "database": "ok", "relay": {"lag": lag, "failed": failed}}


def listeners() -> list[dict[str, Any]]:
    """Every listener with its lag and its last error."""
    rows = {row.name: row for row in Cursor.objects.all()}
    names = {listener.name: listener.title for listener in relay.listeners()}
    found = []
    for name, behind in relay.lag().items():
        row = rows.get(name)
        error = row.error if row else ""
        state = "failed" if error else "overdue" if behind > LAG_WARN else "ok"
        found.append(
            {
                "title": names[name] or name,
                "lag": behind,
                "error": error,
                "state": state,
                "moved_at": row.moved_at if row else None,
            }
        )
    return found


def jobs(now: dt.datetime) -> list[dict[str, Any]]:
    """Every scheduled job with its last and next run."""
    rows = {row.name: row for row in JobRun.objects.all()}
    found = []
    for job in registry.jobs():
        row = rows.get(job.name)
        late = row is not None and row.next_at < now - JOB_LATE
        state = (
            "never" if row is None or row.last_at is None else "failed" if row.error else "overdue" if late else "ok"
        )
        found.append({"title": job.title, "row": row, "state": state, "every": job.every, "at": job.at})
    return found


def without_second_factor(today: dt.date) -> int:
    """Accounts whose roles ask for a second factor and that have none; three queries."""
    pack = policy.on(today)
    strict = {role.id for role in pack.roles if role.second_factor}
    current = Dated.current_q(today)
    people = set(RoleGrant.objects.filter(current, role__in=strict).values_list("person_id", flat=True))
    posts = {
        (post.id, kind) for post in pack.posts for kind, role in post.confers.items() if role in strict
    }  # fmt: skip
    if posts:
        rows = Appointment.objects.filter(current, post__in={post for post, _kind in posts})
        people |= {p for p, post, kind in rows.values_list("person_id", "post", "org__kind") if (post, kind) in posts}
    safe = Authenticator.objects.filter(type="totp").values("user")
    return User.objects.filter(is_active=True, person_id__in=people).exclude(pk__in=safe).count()


def advice(*, open_accounts: int, calendar_until: dt.date, today: dt.date, sealed: Seal | None) -> list[dict[str, str]]:
    """What to mend, in the order of urgency; the console's `gongjian doctor` looks deeper."""
    found = []
    if settings.DEBUG:
        found.append(
            ("bad", _("调试模式开着"), _("去掉环境变量 GONGJIAN_DEBUG 后重新启动，否则出错页会泄露内部信息。"))
        )
    if open_accounts and not settings.DEMO:
        found.append(("warn", _("%(n)d 个账号还没有启用两步验证") % {"n": open_accounts},
                      _("这些岗位下次登录时会被要求绑定动态口令；长期不用的账号请停用。")))  # fmt: skip
    if calendar_until < today + CALENDAR_WARN:
        found.append(("warn", _("工作日历只到 %(day)s") % {"day": calendar_until},
                      _("国务院办公厅发布下一年放假安排后，请更新政策包的 calendar.yaml 并重新载入。")))  # fmt: skip
    if sealed is None or sealed.day < today - dt.timedelta(days=2):
        found.append(("warn", _("留痕最近没有封存"), _("请确认后台工人在运行（gongjian worker），再看“定时任务”。")))
    if connection.vendor == "sqlite" and not settings.DEMO:
        found.append(("info", _("正在用内嵌数据库"), _("人数超过一个街道，或需要多台服务器时，请改用 PostgreSQL。")))
    if not settings.SESSION_COOKIE_SECURE and not settings.DEMO:
        found.append(("warn", _("没有启用 HTTPS"), _("请在网关上启用 HTTPS，并设 GONGJIAN_HTTPS=1。")))
    return [{"tone": tone, "title": title, "text": text} for tone, title, text in found]


def home(actor: Actor) -> dict[str, Any]:
    """Everything on the administrator's page."""
    today, now = clock.today(), clock.now()
    pack = policy.current()
    sealed = Seal.objects.order_by("-number").first()
    open_accounts = without_second_factor(today)
    until = policy.calendar.known_until(pack)
    hearing = listeners()
    running = imports.visible_to(actor) if actor.may("exchange.import") else None
    return {
        "today": today, "job_looks": JOB_LOOKS, "listeners": hearing, "lag": max((row["lag"] for row in hearing), default=0),
        "stopped": [row for row in hearing if row["error"]], "jobs": jobs(now), "seal": sealed, "pack": pack,
        "calendar_until": until, "open_accounts": open_accounts,
        "accounts": User.objects.filter(is_active=True).count(),
        "last_login": User.objects.aggregate(at=Max("last_login"))["at"],
        "orgs": Organisation.objects.filter(dissolved_on__isnull=True).count(),
        "members": Membership.objects.filter(Dated.current_q(today)).count(),
        "imports_busy": running.filter(state__in=BUSY).count() if running is not None else 0,
        "imports_failed": (
            running.filter(state=FAILED, uploaded_at__gte=now - dt.timedelta(days=7)).count() if running is not None else 0
        ),
        "advice": advice(open_accounts=open_accounts, calendar_until=until, today=today, sealed=sealed),
        "database": {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor),
    }  # fmt: skip

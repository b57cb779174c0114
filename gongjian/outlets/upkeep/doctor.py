"""体检: what is wrong with an installation, in the words of whoever has to mend it."""

import datetime as dt
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from gongjian.engines import relay
from gongjian.engines.relay.models import Cursor, JobRun
from gongjian.ground import paper, policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.policy import calendar
from gongjian.ground.policy.store import NoPack, chosen_folder
from gongjian.records.facts.models import Fact, Pending, Seal
from gongjian.records.files import queries as files
from gongjian.records.notices import queries as notices

OK, WARN, WRONG = "ok", "warn", "wrong"
LAG = 10_000  # facts
LATE = dt.timedelta(minutes=5)
SEAL_AGE = dt.timedelta(hours=36)
LITTLE_SPACE = 2 * 1024**3  # bytes
STATIC = ("ui/gongjian.css", "ui/gongjian.js", "ui/icons.svg")


class Finding(NamedTuple):
    """一项结果: what was looked at, how it is (ok, warn, wrong), in words, and how to mend it."""

    check: str
    state: str
    text: str
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything; a look that fails is itself a finding. What needs the database is left out without one."""
    found: list[Finding] = []
    for check in (_versions, _home, _keys, _clock, _static, _paper, _space):
        found += _safely(check)
    reachable = list(_safely(_database))
    found += reachable
    if not any(finding.state == WRONG and finding.check.startswith("数据库") for finding in reachable):
        for check in (_pack, _calendar, _relay, _worker, _jobs, _seal, _files, _channels):
            found += _safely(check)
    return found


def _safely(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as problem:
        return [Finding(check.__name__.strip("_"), WRONG, f"检查时出错：{problem!r}", "请把这一行告诉维护人员。")]


def _versions() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding(
        "Python", OK if good else WRONG, f"Python {version}", "" if good else "请安装 Python 3.11 或更新的版本。"
    )
    good = django.VERSION[:2] == (5, 2)
    mend = "" if good else "请按锁定文件重新安装依赖（docs/howto/install.md）。"
    yield Finding("Django", OK if good else WRONG, f"Django {django.get_version()}", mend)


def _home() -> Iterator[Finding]:
    home = Path(settings.HOME)
    if home.is_dir() and os.access(home, os.W_OK):
        yield Finding("数据目录", OK, str(home))
    else:
        yield Finding("数据目录", WRONG, f"{home} 不存在或不可写", "请设置 GONGJIAN_HOME，并让服务的账号可以写入。")


def _keys() -> Iterator[Finding]:
    for name, title in (("GONGJIAN_SECRET_KEY", "会话密钥"), ("GONGJIAN_FIELD_KEY", "字段密钥")):
        path = Path(settings.HOME) / (name.lower() + ".key")
        if os.environ.get(name):
            yield Finding(title, OK, "取自环境变量")
        elif not path.exists():
            yield Finding(title, WRONG, f"{path} 不存在", "请放回原来的密钥文件；丢失字段密钥则受保护信息无法读取。")
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = oct(stat.S_IMODE(path.stat().st_mode))[2:]
            yield Finding(title, WRONG, f"{path} 别人也能读（权限 {mode}）", f"请执行 chmod 600 {path}")
        else:
            yield Finding(title, OK, f"{path}，只有所有者可读")


def _clock() -> Iterator[Finding]:
    year = clock.today().year
    if 2025 <= year <= 2100:
        yield Finding("时钟", OK, f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}（北京时间）")
    else:
        yield Finding("时钟", WRONG, f"系统时间是 {clock.today()}", "请校准系统时间并打开时间同步（NTP）。")


def _static() -> Iterator[Finding]:
    missing = [name for name in STATIC if not finders.find(name)]
    if missing:
        yield Finding("静态文件", WRONG, "缺少 " + "、".join(missing), "请重新安装程序包；从源码运行的先构建前端。")
    else:
        yield Finding("静态文件", OK, "样式、脚本、图标齐全")


def _paper() -> Iterator[Finding]:
    lacking = paper.missing()
    if lacking:
        yield Finding(
            "PDF 文书", WARN, lacking, "apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk，然后重启服务。"
        )
    else:
        yield Finding("PDF 文书", OK, "排版程序和中文字体齐全")


def _space() -> Iterator[Finding]:
    place = Path(settings.HOME)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    words = f"剩余 {free / 1024**3:.1f} GB"
    if free < LITTLE_SPACE:
        yield Finding("磁盘空间", WRONG, words, "请清理磁盘或扩容；空间用尽时无法记录事实。")
    else:
        yield Finding("磁盘空间", OK, words)


def _database() -> Iterator[Finding]:
    name = "PostgreSQL" if is_postgres() else "SQLite"
    place = settings.DATABASES["default"]["NAME"]
    if not is_postgres() and not Path(place).exists():
        yield Finding("数据库", WRONG, f"{place} 不存在", "请执行 gongjian migrate，或用 gongjian restore 恢复备份。")
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        reason = str(problem).strip().splitlines()[0]
        yield Finding("数据库", WRONG, f"连不上 {name}：{reason}", "请检查 GONGJIAN_DATABASE、网络和数据库服务。")
        return
    yield Finding("数据库", OK, f"{name}，可以连接")
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        first = f"{waiting[0][0].app_label}.{waiting[0][0].name}"
        yield Finding(
            "数据库版本",
            WRONG,
            f"有 {len(waiting)} 项升级没有执行（{first} 等）",
            "请先备份，再执行 gongjian migrate。",
        )
    else:
        yield Finding("数据库版本", OK, "已是最新")
    yield from _postgres_options() if is_postgres() else _sqlite_options()


def _sqlite_options() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        sound = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    mode = settings.DATABASES["default"]["OPTIONS"].get("transaction_mode")
    mend = "请用程序自带的设置，不要改数据库选项。"
    if sound != "ok":
        yield Finding(
            "SQLite 文件", WRONG, f"数据库文件有损坏：{sound}", "请停止服务，用 gongjian restore 恢复最近的备份。"
        )
    if journal != "wal" or synchronous < 2 or mode != "IMMEDIATE":
        words = f"journal_mode={journal}，synchronous={synchronous}，transaction_mode={mode}"
        yield Finding("SQLite 选项", WRONG, words, mend)
    else:
        yield Finding("SQLite 选项", OK, f"SQLite {sqlite3.sqlite_version}，WAL，逐次落盘")


def _postgres_options() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            value = cursor.fetchone()[0]
            if value == "off":
                yield Finding(
                    "PostgreSQL 选项", WRONG, f"{name} = off，断电会丢数据", f"请在 postgresql.conf 中设 {name} = on。"
                )
        cursor.execute("SELECT current_setting('server_version_num')::int")
        version = cursor.fetchone()[0] // 10000
    state = OK if version >= 14 else WRONG
    yield Finding(
        "PostgreSQL 版本", state, f"PostgreSQL {version}", "" if state == OK else "请升级到 14 或更新的版本。"
    )


def _pack() -> Iterator[Finding]:
    try:
        folder = chosen_folder()
    except NoPack as problem:
        yield Finding("政策包", WRONG, str(problem), "请设置 GONGJIAN_PACK。")
        return
    problems = policy.check(folder)
    if problems:
        yield Finding(
            "政策包",
            WRONG,
            f"{folder.name} 有 {len(problems)} 处错误，如：{problems[0]}",
            "请执行 gongjian pack check 逐条改正。",
        )
    pack = policy.current()
    if pack.effective_from > clock.today():
        yield Finding(
            "政策包", WARN, f"{pack.title} {pack.version} 自 {pack.effective_from} 起才生效", "此前按它的规定处理。"
        )
    elif not problems:
        stored = policy.version_of(clock.today())
        words = f"{pack.title} {pack.version}" + ("" if stored else "（直接取自文件，未登记）")
        mend = "" if stored else "请执行 gongjian pack load，登记后改动才有据可查。"
        yield Finding("政策包", OK if stored else WARN, words, mend)


def _calendar() -> Iterator[Finding]:
    last = calendar.known_until()
    found = calendar.warning(clock.today())
    if found is None:
        yield Finding("工作日历", OK, f"放假安排有到 {last}")
    else:
        state = WRONG if found[0] == "ended" else WARN
        yield Finding("工作日历", state, f"放假安排只到 {last}", "通知公布后请升级程序，或填写政策包的 calendar.yaml。")


def _relay() -> Iterator[Finding]:
    failed = {row.name: row for row in Cursor.objects.exclude(error="")}
    waiting = Pending.objects.count()
    for listener, behind in relay.lag().items():
        row = failed.get(listener)
        if row is not None:
            since = f"{row.failed_at.astimezone(clock.SHANGHAI):%m-%d %H:%M}" if row.failed_at else ""
            yield Finding(
                f"听者 {listener}", WRONG, f"{since} 停在第 {row.seq} 条：{row.error[:160]}",
                f"改正原因后它会自己继续；确认程序已升级后也可执行 gongjian replay {listener}。",
            )  # fmt: skip
        elif behind + waiting > LAG:
            words = f"还有 {behind + waiting} 条事实没有处理"
            yield Finding(f"听者 {listener}", WARN, words, "请确认服务或 gongjian worker 正在运行。")
        else:
            yield Finding(
                f"听者 {listener}", OK, "没有积压" if not behind + waiting else f"还有 {behind + waiting} 条在处理"
            )


def _worker() -> Iterator[Finding]:
    if settings.RELAY != "worker":
        yield Finding("工人", OK, f"由服务自己传递（GONGJIAN_RELAY={settings.RELAY}）")
        return
    runs = [job.every for job in registry.jobs() if job.every]
    oldest = Fact.objects.filter(id__in=Pending.objects.order_by("fact").values("fact")[:1]).values_list(
        "recorded_at", flat=True
    )
    waited = clock.now() - oldest[0] if oldest else dt.timedelta(0)
    overdue = JobRun.objects.filter(next_at__lt=clock.now() - LATE).exists()
    if waited > LATE or (overdue and runs) or not JobRun.objects.exists():
        yield Finding(
            "工人",
            WRONG,
            "设为另开工人，但没有工人在工作",
            "请启动 gongjian worker（systemd 见 docs/howto/install.md）。",
        )
    else:
        yield Finding("工人", OK, "在工作")


def _jobs() -> Iterator[Finding]:
    known = {job.name: job for job in registry.jobs()}
    rows = {row.name: row for row in JobRun.objects.all()}
    now = clock.now()
    late = [name for name, row in rows.items() if name in known and row.next_at < now - LATE]
    for name, row in rows.items():
        if name in known and row.error:
            yield Finding(
                f"定时任务 {known[name].title}", WRONG, f"上次出错：{row.error[:160]}", "下次到点会再试；请先消除原因。"
            )
    if late:
        titles = "、".join(str(known[name].title) for name in late)
        yield Finding("定时任务", WARN, f"到点没有执行：{titles}", "服务停着时属正常；服务在运行的，请重启服务或工人。")
    elif rows:
        yield Finding("定时任务", OK, f"{len(rows)} 项，都按时")
    else:
        yield Finding("定时任务", OK, "还没有开始计时（服务启动后开始）")


def _seal() -> Iterator[Finding]:
    last = Seal.objects.order_by("-number").first()
    if last is None:
        oldest = Fact.objects.order_by("id").values_list("recorded_at", flat=True).first()
        late = oldest is not None and clock.now() - oldest > SEAL_AGE
        yield Finding("封存", WARN if late else OK, "事实还没有封存过", "请确认每日任务在运行。" if late else "")
        return
    unsealed = (
        Fact.objects.filter(recorded_at__gt=last.sealed_at)
        .order_by("recorded_at")
        .values_list("recorded_at", flat=True)
    )
    first = unsealed.first()
    words = f"第 {last.number} 次，{last.day}"
    if first is not None and clock.now() - first > SEAL_AGE:
        yield Finding("封存", WARN, f"最近一次是{words}，此后的事实没有封存", "请确认每日任务在运行。")
    else:
        yield Finding("封存", OK, words)


def _files() -> Iterator[Finding]:
    gone = files.missing()
    if gone:
        yield Finding(
            "文件",
            WRONG,
            f"有文件的内容不在磁盘上：第 {gone[0].pk} 号等 {len(gone)} 份",
            "请从备份恢复数据目录下的 files。",
        )
    elif files.unreadable():
        yield Finding("文件", WRONG, "文件打不开：字段密钥不是存入时的那把", "请放回原来的 gongjian_field_key.key。")
    else:
        yield Finding("文件", OK, "内容都在，打得开")


def _channels() -> Iterator[Finding]:
    used = [
        one for one in notices.channel_states(clock.now()) if one.sent or one.waiting or one.given_up or one.failing
    ]
    for one in used:
        if one.failing and one.connected:
            yield Finding(
                f"消息渠道 {one.title}", WRONG, f"发不出去：{one.last_error}（待发 {one.waiting}，放弃 {one.given_up}）",
                "请改好设置或机器人地址，在“消息渠道”页发一条测试消息，再重新发送。",
            )  # fmt: skip
        elif not one.connected:
            yield Finding(
                f"消息渠道 {one.title}",
                WARN,
                f"没有接通，却有 {one.waiting} 条在等",
                "见 docs/howto/install.md 的环境变量。",
            )
    if used and not any(one.failing or not one.connected for one in used):
        yield Finding("消息渠道", OK, "、".join(f"{one.title}七天内已发 {one.sent} 条" for one in used))
    elif not used:
        yield Finding("消息渠道", OK, "没有站外消息")

"""gongjian: the console command. What a room drives is in the room's own `cli.py`; this file mounts it and serves."""

import os
import signal
import socket
import sys
import time
from importlib import import_module

import click

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")

# command or group → module and attribute; imported only when asked for, so that `--help` is quick and needs no database
ROOMS = {
    "pack": "gongjian.ground.policy.cli:pack",
    "facts": "gongjian.records.facts.cli:facts",
    "replay": "gongjian.engines.relay.cli:replay",
    "sweep": "gongjian.appraisal.standards.cli:sweep",
    "import": "gongjian.outlets.exchange.cli:import_file",
    "backup": "gongjian.outlets.upkeep.cli:backup",
    "restore": "gongjian.outlets.upkeep.cli:restore",
    "doctor": "gongjian.outlets.upkeep.cli:doctor",
    "demo": "gongjian.config.demo:demo",
}


class Rooms(click.Group):
    """The group that looks its commands up in the rooms."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *ROOMS})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in ROOMS:
            return super().get_command(ctx, name)
        ready()
        module, _, attribute = ROOMS[name].partition(":")
        return getattr(import_module(module), attribute)


def ready() -> None:
    """Set Django up; a second time does nothing."""
    import django

    django.setup()


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gongjian")
def main() -> None:
    """共建：智慧党建与城市基层治理的开放平台。"""


@main.command()
def migrate() -> None:
    """建立或升级数据库（可反复执行）。"""
    ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    click.echo("数据库已是最新。")


def free_port(wanted: int) -> int:
    """The wanted port if nobody listens there; 0 asks the system for a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise click.ClickException(
                f"端口 {wanted} 已被占用，请用 --port 换一个（或 PORT=8001 make demo）。"
            ) from None
        return probe.getsockname()[1]


def run_server(host: str, port: int) -> None:
    """Serve until stopped: one process with threads (WSGI), which on SQLite also delivers facts."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    workers = int(os.environ.get("GONGJIAN_WORKERS", "1"))
    # Who waits for a common commit holds a thread: more of them make larger batches (bench/check_in.py). Each may come to
    # hold a connection to the database, so all processes together stay below PostgreSQL's default of a hundred.
    threads = int(os.environ.get("GONGJIAN_THREADS", max(16, 64 // workers)))
    server = Granian(
        "gongjian.config.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=threads, log_access=False, log_level=LogLevels.error, websockets=False, backlog=1024, backpressure=max(256, threads * 4),
    )  # fmt: skip
    server.serve()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="端口")
def serve(host: str, port: int) -> None:
    """提供网页与接口；SQLite 下同时传递事实，PostgreSQL 下请另开 gongjian worker。"""
    ready()
    from django.conf import settings

    port = free_port(port)
    if settings.RELAY == "thread" and int(os.environ.get("GONGJIAN_WORKERS", "1")) > 1:
        raise click.ClickException("多进程服务请设 GONGJIAN_RELAY=worker，并另开 gongjian worker。")
    click.echo(f"共建已在 http://{host}:{port} 提供服务，按 Ctrl-C 停止。")
    run_server(host, port)


@main.command()
@click.option("--once", is_flag=True, help="传递到底后退出")
def worker(once: bool) -> None:
    """传递事实并执行定时任务（生产环境）；可开多个，互不重复。"""
    ready()
    from gongjian.engines.relay.relay import deliver
    from gongjian.engines.relay.runner import Runner

    if once:
        click.echo(f"已传递到第 {deliver()} 条。")
        return
    runner = Runner(pause=0.1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop())
    click.echo(f"工人已启动（进程 {os.getpid()}，{time.strftime('%H:%M:%S')}）。")
    runner.loop()


if __name__ == "__main__":
    sys.exit(main())

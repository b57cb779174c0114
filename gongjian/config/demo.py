"""gongjian demo: prepares a demo city once, and serves it."""

import atexit
import gc
import json
import os
import secrets
import subprocess
import sys
import time

import click

from gongjian.config.cli import free_port, run_server


class Stages:
    """Shows what is being done: one line a stage, on a terminal with the share that is done."""

    def __init__(self) -> None:
        self.stage, self.since, self.started = "", time.monotonic(), time.monotonic()
        self.live = sys.stdout.isatty()

    def __call__(self, stage: str, done: int, of: int) -> None:
        """A stage has begun, or has come so far."""
        if stage != self.stage:
            self.close()
            self.stage, self.since = stage, time.monotonic()
        if self.live:
            click.echo(f"\r  {stage} …… {100 * done // max(1, of):3d}%", nl=False)

    def close(self) -> None:
        """The stage is over."""
        if self.stage:
            head = "\r" if self.live else ""
            click.echo(f"{head}  {self.stage} …… 用时 {time.monotonic() - self.since:.1f} 秒")
        self.stage = ""


@click.command()
@click.option(
    "--size", type=click.Choice(["small", "full", "city"]), default="small", show_default=True, help="城市规模"
)
@click.option("--no-serve", is_flag=True, help="只准备，不提供服务")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="端口")
@click.option("--fresh", is_flag=True, help="清空已有的演示城市，重新建立")
@click.option("--seed", default=2026, show_default=True, help="随机种子：同样的种子得到同样的城市")
@click.option("--force", is_flag=True, help="city 规模也放进 SQLite")
def demo(size: str, no_serve: bool, host: str, port: int, fresh: bool, seed: int, force: bool) -> None:
    """建立一座演示城市（人物、证件号、活动全是编造的）并提供服务；已建好的直接提供服务。"""
    os.environ["GONGJIAN_DEMO"] = "1"  # for the server's processes, which read the settings anew
    from django.conf import settings

    settings.DEMO = True
    from gongjian.ground.kernel.errors import GongjianError
    from gongjian.outlets.demo import prepare

    if not no_serve:
        port = free_port(port)
    try:
        state = prepare.what_is_there()
        goes_on = prepare.make_room(state, size, seed, fresh=fresh, force=force)
        if state == prepare.READY and not fresh:
            _tell_what_there_is(size)
        else:
            if state == prepare.HALF:
                click.echo("上次没有建完，接着建。" if goes_on else "上次没有建完，重新开始。")
            _build(size, seed)
    except GongjianError as problem:
        raise click.ClickException(problem.message) from None
    _print_logins()
    if not no_serve:
        _open_till(f"http://{host}:{port}")
        click.secho(f"\n共建演示城市：http://{host}:{port}", bold=True)
        click.echo("按 Ctrl-C 停止；再次运行不必重建。")
        run_server(host, port)


def _open_till(base: str) -> None:
    """Start the test cashier (没有真钱) in a process of its own, and tell the server's processes about it."""
    from django.conf import settings

    if os.environ.get("GONGJIAN_PAYMENTS"):
        return
    key = secrets.token_hex(16)
    till = subprocess.Popen(
        [sys.executable, "-m", "gongjian.engines.payments.sandbox", "--port", "0", "--merchant", "demo",
         "--store", str(settings.HOME / "cashier.json")],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "SANDBOX_KEY": key},
    )  # fmt: skip
    atexit.register(till.terminate)
    url = f"http://127.0.0.1:{till.stdout.readline().strip()}"
    config = {"provider": "local", "url": url, "merchant": "demo", "key": key, "base": base}
    settings.PAYMENTS = {"default": config}
    os.environ["GONGJIAN_PAYMENTS"] = json.dumps(settings.PAYMENTS)  # for processes that read the settings anew
    click.echo(f"\n测试收银台（不会真的扣款）：{url}")


def _build(size: str, seed: int) -> None:
    from gongjian.outlets.demo.build import build
    from gongjian.outlets.demo.sizes import SIZES

    click.echo("正在建立演示城市（全部为编造的数据）：")
    stages = Stages()
    gc.disable()  # everything stays until the end; looking for waste costs a fifth of the time
    try:
        build(SIZES[size], seed=seed, say=stages, beside=True)
    finally:
        gc.enable()
        stages.close()
    click.echo(f"演示城市已建好，共用 {time.monotonic() - stages.started:.0f} 秒。")


def _tell_what_there_is(size: str) -> None:
    from gongjian.outlets.demo.models import Preparation

    mark = Preparation.objects.get()
    click.echo(f"演示城市已经建好（规模 {mark.size}，建于 {mark.day}）。要重新建立请加 --fresh。")
    if mark.size != size:
        click.echo(f"要换成 {size} 规模，请加 --fresh --size {size}。")


def _print_logins() -> None:
    from gongjian.records.access.demo import PASSWORD, demo_logins

    click.echo(f"\n演示身份（密码都是 {PASSWORD}）：")
    for login in demo_logins():
        click.echo(f"  {login['username']:<10} {login['role']}")

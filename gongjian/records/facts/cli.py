"""gongjian facts: verify, seal and export facts from the command line."""

import datetime as dt
import json
import sys

import click


@click.group()
def facts() -> None:
    """核验、封存和导出事实。"""


@facts.command()
def verify() -> None:
    """核验整条封存链；完好时退出码为 0，有问题时为 1。"""
    from gongjian.records.facts import seal

    checked, faults = seal.verify()
    for fault in faults:
        click.echo(f"第 {fault.seal} 号封存：{fault.message}", err=True)
    if faults:
        click.echo(f"核验了 {checked} 条事实，发现 {len(faults)} 处问题。", err=True)
        sys.exit(1)
    click.echo(f"核验了 {checked} 条事实，封存链完好。")


@facts.command("seal")
def seal_now() -> None:
    """封存上次封存以来的全部事实。"""
    from gongjian.records.facts import seal

    made = seal.seal()
    click.echo(
        f"第 {made.number} 号封存：{made.count} 条事实，封存值 {made.digest}。" if made else "没有新的事实需要封存。"
    )


@facts.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="写到文件（默认标准输出）")
def export(day: dt.datetime, output) -> None:
    """导出某日封存的事实，每条附证明（JSONL）；当日没有封存时退出码为 2。"""
    from gongjian.records.facts import seal

    written = 0
    for row in seal.export_day(day.date()):
        output.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        written += 1
    if not written:
        click.echo(f"{day:%Y-%m-%d} 没有封存。", err=True)
        sys.exit(2)
    click.echo(f"已导出 {written} 行。", err=True)


@facts.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
def check(file) -> None:
    """离线核对导出的文件，不需要数据库；完好时退出码为 0，有问题时为 1。"""
    from gongjian.records.facts import seal

    checked, faults = seal.check_export(file)
    for fault in faults:
        click.echo(fault.message, err=True)
    if faults or not checked:
        click.echo(f"核对了 {checked} 条事实，发现 {len(faults)} 处问题。", err=True)
        sys.exit(1)
    click.echo(f"核对了 {checked} 条事实，全部与封存一致。")

"""gongjian facts: verify, seal and export facts from the command line."""

import datetime as dt
import json
import sys

import click


@click.group()
def facts() -> None:
    """核验、封存和导出事实。"""


@facts.command()
@click.argument("file", required=False, type=click.File("rb"))
@click.option("--digest", help="公布的封存值：文件中须有它，才算核验通过")
def verify(file, digest: str | None) -> None:
    """核验整条封存链；给出 FILE（本系统出具的 PDF 或 JSON 证明）时只核验该文件，不需要数据库。完好时退出码为 0，有问题时为 1。"""
    from gongjian.records.facts import seal

    if file is not None:
        _verify_file(file.read(), digest)
        return
    checked, faults = seal.verify()
    for fault in faults:
        click.echo(f"第 {fault.seal} 号封存：{fault.message}", err=True)
    if faults:
        click.echo(f"核验了 {checked} 条事实，发现 {len(faults)} 处问题。", err=True)
        sys.exit(1)
    click.echo(f"核验了 {checked} 条事实，封存链完好。")


def _verify_file(content: bytes, digest: str | None) -> None:
    """Say what a file proves, fact by fact, so that the reader can compare it with the words around it."""
    from gongjian.ground.kernel.errors import Invalid
    from gongjian.records.facts import proof, words

    try:
        checked = proof.check_file(content)
    except Invalid as problem:
        raise click.ClickException(problem.message) from None
    for fault in checked.faults:
        click.echo(fault.message, err=True)
    if checked.faults:
        click.echo(f"核验没有通过：发现 {len(checked.faults)} 处问题。", err=True)
        sys.exit(1)
    for fact in checked.facts:
        click.echo(f"  #{fact['id']}  {fact['at'][:16].replace('T', ' ')} UTC  {words.kind_title(fact['kind'])}")
    if not checked.facts:
        click.echo("文件里没有已封存的事实，请在次日凌晨封存之后重新下载。", err=True)
        sys.exit(1)
    if digest and digest.strip().lower() not in {entry["digest"] for entry in checked.seals}:
        click.echo("文件内部一致，但没有您给出的封存值：它不是出自那次封存。", err=True)
        sys.exit(1)
    rest = f"；另有 {checked.unsealed} 条当时还没有封存，不能核验" if checked.unsealed else ""
    click.echo(f"{len(checked.facts)} 条事实与封存一致{rest}。")
    if not digest:
        click.echo("请把下列封存值与党组织公布的对照（或用 --digest 给出）：")
        for entry in checked.seals:
            click.echo(f"  第 {entry['number']} 号（{entry['day']}）{entry['digest']}")


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

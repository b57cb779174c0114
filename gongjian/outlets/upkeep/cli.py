"""gongjian backup, restore and doctor."""

import json
from pathlib import Path

import click

from gongjian.ground.kernel.errors import GongjianError
from gongjian.outlets.upkeep import archive
from gongjian.outlets.upkeep import doctor as examination
from gongjian.records.facts import seal


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-keys", is_flag=True, help="连同密钥一起备份（此文件须按密钥保管）")
def backup(file: Path, with_keys: bool) -> None:
    """备份：把数据库和文件写进一个文件，服务不必停。密钥另行保管。"""
    try:
        manifest = archive.backup(file, with_keys=with_keys)
    except GongjianError as problem:
        raise click.ClickException(problem.message) from None
    held = manifest["holdings"]
    click.echo(f"已备份到 {file}（{file.stat().st_size / 1e6:.1f} MB）：{_words(held)}。")
    if with_keys:
        click.echo("文件里有密钥：谁拿到它就能读出受保护信息，请妥善保管。")
    else:
        click.echo(f"密钥没有备份，请另存 {archive.settings.HOME} 下的 *.key 文件；没有字段密钥，受保护信息无法读取。")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="替换已有的数据")
def restore(file: Path, force: bool) -> None:
    """恢复：先核对备份，再放回数据库和文件，最后逐项核对。请先停止服务。"""
    try:
        done = archive.restore(file, force=force)
        sealed, faults = seal.verify()
    except GongjianError as problem:
        raise click.ClickException(problem.message) from None
    if faults:
        raise click.ClickException(f"数据已恢复，但封存核验没有通过：第 {faults[0].seal} 号封存，{faults[0].message}。")
    click.echo(
        f"已恢复并逐项核对：{_words(done.manifest['holdings'])}，文件 {done.files} 个，封存核验通过（{sealed} 条）。"
    )


def _words(held: dict) -> str:
    parts = []
    if held["facts"]:
        parts.append(f"事实 {held['facts']['count']} 条")
    if held["points"]:
        parts.append(f"积分记账 {held['points']['postings']} 笔")
    if held["seal"]:
        parts.append(f"封存到第 {held['seal']['number']} 号")
    return "，".join([*parts, f"共 {sum(held['rows'].values())} 行"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """体检：查出安装有什么问题、怎么改。有错误时退出码为 1。"""
    found = examination.examine()
    wrong = sum(finding.state == examination.WRONG for finding in found)
    warned = sum(finding.state == examination.WARN for finding in found)
    if as_json:
        click.echo(
            json.dumps(
                {"wrong": wrong, "warnings": warned, "findings": [f._asdict() for f in found]}, ensure_ascii=False
            )
        )
    else:
        marks = {
            "ok": click.style("正常", fg="green"),
            "warn": click.style("注意", fg="yellow"),
            "wrong": click.style("错误", fg="red"),
        }
        for finding in found:
            click.echo(f"[{marks[finding.state]}] {finding.check}：{finding.text}")
            if finding.mend:
                click.echo(f"        办法：{finding.mend}")
        click.echo(f"\n{len(found)} 项检查，{wrong} 项错误，{warned} 项注意。")
    context.exit(1 if wrong else 0)

"""gongjian import: the same upload, check and consent at the console."""

import sys
from pathlib import Path

import click

from gongjian.ground.kernel.errors import GongjianError
from gongjian.outlets.exchange import actions, queries
from gongjian.outlets.exchange.bindings import bindings
from gongjian.outlets.exchange.models import ImportJob
from gongjian.outlets.exchange.states import APPLIED, CHECKED
from gongjian.records.access.models import User
from gongjian.records.access.queries import actor_of

REFUSED, USAGE, FAILED = 1, 2, 3  # exit codes: problems in the file; wrong call; the work failed
SHOWN = 50


def _work(job: ImportJob) -> ImportJob:
    """Take the import up here and show how far it is; a file that a worker took first is waited for by looking."""
    mine = actions.claim(only=job.pk)
    if mine is None:
        raise click.ClickException("这次导入已由后台接手，请到“导入导出”页查看。")
    return actions.work(mine)


@click.command()
@click.argument("sheet")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="以谁的身份导入（登录名），权限和留痕都算在此人名下")
@click.option("--check-only", is_flag=True, help="只检查，不写入")
@click.option("--yes", is_flag=True, help="检查通过后不再询问，直接写入")
def import_file(sheet: str, file: Path, username: str, check_only: bool, yes: bool) -> None:
    """导入表格：先检查并列出每个问题，确认后整份写入。退出码：0 成功，1 文件有问题，2 用法不对，3 处理失败。"""
    if sheet not in bindings():
        known = "、".join(f"{ident}（{title}）" for ident, title in queries.titles().items())
        raise click.UsageError(f"没有“{sheet}”这种表格；可导入：{known}。")
    user = User.objects.filter(username__iexact=username, is_active=True).first()
    if user is None:
        raise click.UsageError(f"没有登录名为“{username}”的启用账号。")
    by = actor_of(user)
    try:
        with file.open("rb") as content:
            job = actions.upload(
                sheet=sheet, file_name=file.name, by=by, chunks=iter(lambda: content.read(1 << 20), b"")
            )
        click.echo(f"检查 {file.name} ……", err=True)
        job = _work(job)
        _report(job)
        if job.state != CHECKED:
            sys.exit(REFUSED if job.problem_count else FAILED)
        if check_only:
            actions.drop(job=job, by=by)
            click.echo("只检查，没有写入。")
            return
        if not yes and not click.confirm("确认写入吗？", default=False):
            actions.drop(job=job, by=by)
            click.echo("已放弃，没有写入。")
            return
        job = _work(actions.agree(job=job, by=by))
    except GongjianError as error:
        click.echo(error.message, err=True)
        sys.exit(FAILED)
    if job.state != APPLIED:
        _report(job)
        sys.exit(REFUSED if job.problem_count else FAILED)
    click.echo(
        f"已写入：新增 {job.created} 行，更新 {job.updated} 行，没有变化 {job.unchanged} 行（第 {job.pk} 号导入）。"
    )


def _report(job: ImportJob) -> None:
    for note in job.notes:
        click.echo(f"说明：{note}")
    for problem in queries.problems_of(job)[:SHOWN]:
        click.echo(f"{problem}" + (f"（原来是“{problem.value}”）" if problem.value else ""))
    if job.problem_count > SHOWN:
        click.echo(f"……共 {job.problem_count} 个问题，其余见“导入导出”页第 {job.pk} 号导入。")
    if job.failure:
        click.echo(job.failure, err=True)
    if job.problem_count:
        click.echo(f"共 {job.rows} 行，{job.problem_count} 个问题，没有写入任何内容。")
    elif job.state == CHECKED:
        counts = f"：将新增 {job.created} 行，更新 {job.updated} 行，没有变化 {job.unchanged} 行" if job.counted else ""
        click.echo(f"共 {job.rows} 行，没有问题{counts}。")

"""gongjian sweep: the sweep from the command line, for one's own schedule or after taking over past records."""

import datetime as dt

import click


@click.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="连同这一天以来的各个周期一起判定（接收历史资料后用一次）"
)
def sweep(since: dt.datetime | None) -> None:
    """达标巡检：判定全部组织的规定动作，提醒、上报、办结。同一天可反复执行。"""
    from gongjian.appraisal.standards import actions
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.ground.kernel.errors import GongjianError

    try:
        done = actions.sweep(by=SYSTEM, since=since.date() if since else None)
    except GongjianError as problem:
        raise click.ClickException(problem.message) from None
    click.echo(
        f"{done.day} 巡检完成：变动 {done.changed} 项，新增督办 {done.opened} 项，提醒 {done.reminded} 项，"
        f"上报 {done.escalated} 项，办结 {done.closed} 项。"
    )

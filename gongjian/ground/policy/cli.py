"""`gongjian pack`: check, load, compare and describe packs (政策包)."""

from pathlib import Path

import click
from django.utils.translation import gettext as _

from gongjian.ground.kernel import registry
from gongjian.ground.policy import editors, folders, store
from gongjian.ground.policy.differences import diff as differences
from gongjian.ground.policy.models import PackVersion
from gongjian.ground.policy.problems import PackProblems
from gongjian.ground.policy.schema import Pack


@click.group()
def pack() -> None:
    """政策包：检查、登记、比较。"""


def _folder(name: str | None) -> Path:
    """A folder as it is, or the pack of this name in the packs folder; without a name the one in use."""
    if not name:
        return store.chosen_folder()
    given = Path(name)
    return given if given.is_dir() else folders.find(name)


def _refuse(problems) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    raise click.ClickException(_("共 %(count)d 处问题，请改好再试。") % {"count": len(problems)})


@pack.command()
@click.argument("folder", required=False)
def check(folder: str | None) -> None:
    """检查政策包并试算其中的算例；FOLDER 是文件夹或编号，不写则为现用的。"""
    path = _folder(folder)
    known = {"fact_kinds": set(registry.fact_kinds()), "permissions": set(registry.permissions())}
    try:
        found, _content = folders.read_pack(path, **known)
    except PackProblems as error:
        _refuse(error.problems)
    click.echo(
        _(
            "政策包 %(title)s（%(id)s %(version)s）没有问题：%(rules)d 条积分规则，%(duties)d 项规定动作，算例 %(examples)d 个全部相符。"
        )
        % {
            "title": found.title,
            "id": found.id,
            "version": found.version,
            "rules": len(found.points.rules),
            "duties": len(found.duties),
            "examples": len(found.examples.points) + len(found.examples.standings) + len(found.examples.assessments),
        }
    )


@pack.command()
@click.argument("folder", required=False)
@click.option("--approver", default="", help="负担超出预算时的批准人")
@click.option("--reason", default="", help="批准的理由")
def load(folder: str | None, approver: str, reason: str) -> None:
    """检查后登记为一个版本；同一版本再登记一次不起变化。负担超出预算的，要写明批准人和理由。"""
    try:
        version, new = store.load(_folder(folder), approver=approver, reason=reason)
    except PackProblems as error:
        _refuse(error.problems)
    except (store.VersionTaken, store.OverBudget) as error:
        raise click.ClickException(str(error)) from None
    what = (
        _("已登记政策包 %(pack)s %(version)s，自 %(day)s 起生效。")
        if new
        else _("政策包 %(pack)s %(version)s 早已登记，没有变化。")
    )
    click.echo(what % {"pack": version.pack, "version": version.version, "day": version.effective_from})


@pack.command()
@click.argument("old")
@click.argument("new", required=False)
def diff(old: str, new: str | None) -> None:
    """比较两个政策包；OLD、NEW 可以是文件夹、编号或“编号@版本”，不写 NEW 则与现用的文件比。"""
    try:
        lines = differences(_named(old), _named(new))
    except PackProblems as error:
        _refuse(error.problems)
    for line in lines:
        click.echo(line)
    click.echo(_("共 %(count)d 处不同。") % {"count": len(lines)} if lines else _("两者相同。"))


def _named(name: str | None) -> Pack:
    if name and "@" in name:
        code, _at, number = name.rpartition("@")
        stored = PackVersion.objects.filter(pack=code, version=number).first()
        if stored is None:
            raise click.ClickException(_("没有登记过政策包 %(name)s。") % {"name": name})
        return folders.parse(stored.content)
    return folders.read_pack(_folder(name))[0]


@pack.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def schema(folder: Path | None) -> None:
    """写出供编辑器用的结构说明（JSON Schema），默认写到政策包文件夹的 schema 下。"""
    for path in editors.write(folder or folders.packs_folder() / "schema"):
        click.echo(str(path))

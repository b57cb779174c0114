"""Doing something with an organisation: one page for each deed, with help, what it brings about, and a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import BaseForm, Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import actions, forms, queries, rules
from gongjian.records.orgs.permissions import abilities


@dataclass(frozen=True, slots=True)
class Deed:
    """一项办理: its form, what it does, and what the page says of it."""

    title: Any
    help: Any
    button: Any
    form: type[Form]
    run: Callable[[HttpRequest, Any, BaseForm], Any]
    done: Any
    tone: str = "primary"
    effects: Callable[[Any], list[str]] = lambda org: []


def _plain(form: BaseForm) -> dict:
    return {"on": form.cleaned_data["on"], "reason": form.cleaned_data.get("reason", "")}


def _rename(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    actions.rename(org=org, by=request.actor, name=form.cleaned_data["name"], **_plain(form))
    return org


def _correct(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    if not actions.correct(org=org, by=request.actor, **form.cleaned_data):
        messages.info(request, _("没有改动，资料保持原样。"))
    return org


def _move(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    data = form.cleaned_data
    actions.move(org=org, by=request.actor, parent=data["parent"], territory=data["territory"], **_plain(form))
    return org


def _merge(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    actions.merge(org=org, into=form.cleaned_data["into"], by=request.actor, **_plain(form))
    return form.cleaned_data["into"]


def _split(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    data = form.cleaned_data
    described = policy.current().org_kind(org.kind)
    return actions.split(
        org=org,
        by=request.actor,
        name=data["name"],
        code=data["code"] or queries.free_code(org.parent, described.code),
        children=[form.below[pk] for pk in data.get("children", [])],
        chosen={"members": [int(pk) for pk in data.get("members", [])]},
        **_plain(form),
    )


def _dissolve(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    actions.dissolve(org=org, by=request.actor, **_plain(form))
    return org


def _term(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    actions.start_term(org=org, by=request.actor, on=form.cleaned_data["on"], years=form.cleaned_data["years"])
    return org


def _joint(request: HttpRequest, org: Any, form: BaseForm) -> Any:
    data = form.cleaned_data
    term = {"term_started_on": data["on"], "term_years": data["years"]} if data["years"] else {}
    return actions.found(
        by=request.actor, code=queries.free_code(org, "J"), name=data["name"], kind="joint_committee", level=org.level,
        parent=org, urban=org.urban, **term, **_plain(form),
    )  # fmt: skip


def _goes_over(org: Any) -> list[str]:
    below = queries.children(org).count()
    return [
        _("%(count)d 个下级组织一并转入") % {"count": below},
        _("%(count)d 名党员的组织关系一并转入，每人留一条纪实") % {"count": org.member_count},
        _("本组织的任职全部结束，覆盖的网格、小区由接收组织覆盖"),
        _("合并后本组织撤销，不能恢复；历史记录保留"),
    ]


def _parts(org: Any) -> list[str]:
    return [
        _("选中的下级组织和党员从生效日起转入新组织，每项留一条纪实"),
        _("没有选中的留在“%(name)s”，它的任职和覆盖的网格不变") % {"name": org.name},
        _("新组织的书记、委员须另行任命"),
    ]


def _ends(org: Any) -> list[str]:
    return [
        _("下级组织 %(below)d 个、党员 %(members)d 名：都须先转出，否则不能撤销")
        % {"below": queries.children(org).count(), "members": org.member_count},
        _("本组织的任职全部结束，覆盖的网格、小区变为未覆盖"),
        _("撤销后不能恢复；历史记录保留"),
    ]


DEEDS = {
    "rename": Deed(
        gettext_lazy("更名"),
        gettext_lazy("从生效日起使用新名称，原名称保留在沿革里。"),
        gettext_lazy("更名"),
        forms.RenameForm,
        _rename,
        gettext_lazy("已更名。"),
    ),
    "correct": Deed(
        gettext_lazy("更正资料"),
        gettext_lazy("更正登记错误或补充资料；改名称、隶属请用“更名”“调整”。"),
        gettext_lazy("保存"),
        forms.ParticularsForm,
        _correct,
        gettext_lazy("已保存。"),
    ),
    "move": Deed(
        gettext_lazy("调整隶属或属地"),
        gettext_lazy("本组织和它的全部下级一起调整；两边都要有管理权限。"),
        gettext_lazy("调整"),
        forms.MoveForm,
        _move,
        gettext_lazy("已调整，下级组织随之调整。"),
    ),
    "merge": Deed(
        gettext_lazy("合并"),
        gettext_lazy("把本组织并入另一个同层级的组织。"),
        gettext_lazy("合并"),
        forms.MergeForm,
        _merge,
        gettext_lazy("已合并，下级组织和党员已转入。"),
        "danger",
        _goes_over,
    ),
    "split": Deed(
        gettext_lazy("拆分"),
        gettext_lazy("从本组织分出一个新组织，划入选定的下级和党员；其余留在原组织。"),
        gettext_lazy("拆分"),
        forms.SplitForm,
        _split,
        gettext_lazy("已拆分。"),
        "primary",
        _parts,
    ),
    "dissolve": Deed(
        gettext_lazy("撤销"),
        gettext_lazy("撤销一个没有下级、没有党员的组织。"),
        gettext_lazy("撤销"),
        forms.DissolveForm,
        _dissolve,
        gettext_lazy("已撤销。"),
        "danger",
        _ends,
    ),
    "term": Deed(
        gettext_lazy("换届"),
        gettext_lazy("新一届任期从起始日算起；届满前六个月系统会提醒。延期或提前须经上级批准，一般不超过一年。"),
        gettext_lazy("开始新一届"),
        forms.TermForm,
        _term,
        gettext_lazy("新一届任期已开始。"),
    ),
    "joint": Deed(
        gettext_lazy("组建大工委、大党委"),
        gettext_lazy(
            "由驻区单位党组织负责人兼任委员，不改变隶属关系、不占职数。组建后在成员页任命兼职委员，写明派出单位。"
        ),
        gettext_lazy("组建"),
        forms.JointForm,
        _joint,
        gettext_lazy("已组建，请任命专职和兼职委员。"),
    ),
}


@needs("orgs.manage")
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The page of a deed on one organisation."""
    if name not in DEEDS:
        raise Http404
    what = DEEDS[name]
    org = queries.get_for(request.actor, pk)
    if name not in abilities(org, request.actor):
        raise Forbidden(
            _("“%(org)s”现在不能办理“%(deed)s”，或者您在这里没有管理权限。") % {"org": org.name, "deed": what.title}
        )
    form = what.form(request.POST or None, actor=request.actor, org=org)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=str(what.done)) as ok:
            target = what.run(request, org, form)
        if ok:
            return redirect("orgs:detail", target.pk)
    context = {"org": org, "deed": what, "form": form, "effects": what.effects(org), "line": queries.line_of(org)}
    return page(request, "orgs/deed.html", context)


@needs("orgs.manage")
def found(request: HttpRequest) -> HttpResponse:
    """Found an organisation; size rules that forbid refuse it, those that advise ask for a tick."""
    above = request.GET.get("parent", "")
    org = queries.get_for(request.actor, above, permission="orgs.manage") if above else None
    form = forms.FoundForm(request.POST or None, actor=request.actor, org=org)
    findings: list[rules.Finding] = []
    if request.method == "POST" and form.is_valid():
        data, pack = form.cleaned_data, policy.current()
        described, parent = pack.org_kind(data["kind"]), data["parent"]
        planned = None
        if any(data[key] is not None for key in ("planned_formal", "planned_members", "covered_units")):
            planned = rules.Size(
                kind=data["kind"], level=parent.level, formal_members=data["planned_formal"],
                all_members=data["planned_members"] if data["planned_members"] is not None else data["planned_formal"],
                covered_units=data["covered_units"],
            )  # fmt: skip
        findings = rules.size_findings(pack, planned) if planned else []
        if findings and not rules.blocks(findings) and not data["accept"]:
            form.ask_acceptance()
            messages.warning(request, _("请看下面的规模提醒；确实需要成立的，勾选“已知悉”后再提交。"))
        else:
            with attempt(request, form, success=_("已成立“%(name)s”。") % {"name": data["name"]}) as ok:
                level = parent.level if data["kind"] in ("joint_committee", "alliance") else described.level
                term = (
                    {"term_started_on": data["on"], "term_years": described.term_years} if described.term_years else {}
                )
                made = actions.found(
                    by=request.actor,
                    code=data["code"] or queries.free_code(parent, described.code),
                    name=data["name"],
                    kind=data["kind"],
                    level=level,
                    parent=parent,
                    territory=data["territory"],
                    planned=planned,
                    short_name=data["short_name"],
                    unit_name=data["unit_name"],
                    urban=data["urban"],
                    **term,
                    **_plain(form),
                )
            if ok:
                return redirect("orgs:detail", made.pk)
    context = {"form": form, "org": org, "findings": findings, "line": queries.line_of(org) if org else []}
    return page(request, "orgs/found.html", context)

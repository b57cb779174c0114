"""Doing something with a transfer: one page for each deed, the same for everyone who may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.transfers import actions, forms
from gongjian.desks.transfers.permissions import abilities
from gongjian.desks.transfers.queries import moving
from gongjian.ground.kernel.access import signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@dataclass(frozen=True, slots=True)
class Deed:
    """一项办理."""

    title: Any
    help: Any
    form: type
    run: Callable[[Any, Actor, dict], Any]
    done: Any
    icon: str = "check"
    tone: str = ""


def _plain(action: Callable) -> Callable[[Any, Actor, dict], Any]:
    return lambda transfer, by, data: action(transfer=transfer, by=by, **data)


DEEDS = {
    "agree": Deed(
        gettext_lazy("确认转出"), gettext_lazy("核对本人情况和去向，确认后由党委开介绍信。接收之前，本支部仍对党员负责。"),
        forms.AgreeForm, _plain(actions.agree), gettext_lazy("已确认，等党委开介绍信。"), "check", "primary",
    ),
    "issue": Deed(
        gettext_lazy("开介绍信"), gettext_lazy("编号由系统按年度顺序取得，不跳号、不重号。"),
        forms.IssueForm, _plain(actions.issue), gettext_lazy("已办理。"), "certificate", "primary",
    ),
    "receive": Deed(
        gettext_lazy("接收介绍信"), gettext_lazy("核对介绍信和本人，安排到支部。介绍信过期的不能接收，请转出方延期或者重开。"),
        forms.BranchForm, _plain(actions.receive), gettext_lazy("已接收，等支部接收。"), "inbox", "primary",
    ),
    "accept": Deed(
        gettext_lazy("接收党员"), gettext_lazy("接收之后，组织关系从今天起在本支部，回执同时发回。"),
        forms.NothingForm, _plain(actions.accept), gettext_lazy("已接收，组织关系已经转入。"), "user-check", "primary",
    ),
    "complete": Deed(
        gettext_lazy("登记回执"), gettext_lazy("收到市外党组织的回执后登记；组织关系到回执之日才在本市结束。"),
        forms.CompleteForm, _plain(actions.complete), gettext_lazy("已登记回执，转接办结。"), "circle-check", "primary",
    ),
    "correct": Deed(
        gettext_lazy("补正后提交"), gettext_lazy("按退回的理由改正，再交党委办理；会开新的介绍信。"),
        forms.CorrectForm, _plain(actions.correct), gettext_lazy("已重新提交。"), "edit", "primary",
    ),
    "judge": Deed(
        gettext_lazy("裁定异议"), gettext_lazy("责令继续办理的，介绍信有效期顺延；维持不接收的，组织关系仍在原支部。"),
        forms.JudgeForm, _plain(actions.judge), gettext_lazy("已裁定，并告知本人和两边。"), "scale", "primary",
    ),
    "send_back": Deed(
        gettext_lazy("退回补正"), gettext_lazy("写明哪里要改。已经开出的介绍信随之作废，改好后重开。"),
        forms.AnswerForm, _plain(actions.send_back), gettext_lazy("已退回。"), "arrow-back-up",
    ),
    "refuse": Deed(
        gettext_lazy("不予接收"), gettext_lazy("不得无故拒转拒接：必须选择事由、写明理由。本人和原支部可以向上级提出异议。"),
        forms.RefuseForm, _plain(actions.refuse), gettext_lazy("已登记，并告知本人。"), "ban", "danger",
    ),
    "object": Deed(
        gettext_lazy("提出异议"), gettext_lazy("由不接收一方的上级党组织裁定。"),
        forms.ObjectForm, _plain(actions.object_to), gettext_lazy("异议已提出。"), "message-report", "primary",
    ),
    "reissue": Deed(
        gettext_lazy("遗失重开"), gettext_lazy("原介绍信作废，号码保留；新介绍信取新号。"),
        forms.ReissueForm, _plain(actions.reissue), gettext_lazy("已重开介绍信。"), "refresh",
    ),
    "extend": Deed(
        gettext_lazy("延期"), gettext_lazy("逾期有正当理由的，写明理由延期；没有正当理由的先谈话。"),
        forms.ExtendForm, _plain(actions.extend), gettext_lazy("已延期。"), "calendar-time",
    ),
    "remind": Deed(
        gettext_lazy("登记谈话"), gettext_lazy("介绍信快到期或者逾期，与本人谈话提醒。"),
        forms.RemindForm, _plain(actions.remind), gettext_lazy("已登记。"), "message",
    ),
    "withdraw": Deed(
        gettext_lazy("撤回"), gettext_lazy("撤回之后组织关系仍在原支部，以后可以再申请。"),
        forms.WithdrawForm, _plain(actions.withdraw), gettext_lazy("已撤回。"), "x", "danger",
    ),
    "call_off": Deed(
        gettext_lazy("停止办理"), gettext_lazy("写明原因，会告知本人；组织关系仍在原支部。"),
        forms.ReasonForm, _plain(actions.call_off), gettext_lazy("已停止办理。"), "x", "danger",
    ),
}  # fmt: skip


@signed_in
def deed(request: HttpRequest, transfer_id: int, deed: str) -> HttpResponse:
    """The page of one deed."""
    what = DEEDS.get(deed)
    if what is None:
        raise Http404
    actor = request.actor
    transfer = moving.get_for(actor, transfer_id)
    letter = moving.letter_of(transfer)
    if deed not in abilities(transfer, actor, letter):
        if request.method == "POST":
            with attempt(request):
                raise Refused(_("现在不能“%(deed)s”：可能刚刚有人办过了。") % {"deed": what.title})
        return redirect("transfers:detail", transfer.pk)
    form = what.form(request.POST if request.method == "POST" else None, transfer=transfer)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, str(what.done)) as done:
            what.run(transfer, actor, form.cleaned_data)
        if done:
            return redirect("transfers:detail", transfer.pk)
    return page(
        request, "transfers/deed.html",
        {"frame": "ui/base.html" if actor.may("transfers.view") else "ui/phone.html", "transfer": transfer, "deed": what,
         "form": form, "letter": letter},
    )  # fmt: skip

"""The letter as PDF in three parts; the identity number masked, in full only for a stated purpose that leaves a fact."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.transfers.queries import moving, watching
from gongjian.ground import paper, policy
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.people import actions as people
from gongjian.records.people import queries as persons


class PurposeForm(forms.Form):
    """用途."""

    purpose = forms.CharField(
        label=gettext_lazy("用途"), max_length=200, help_text=gettext_lazy("至少四个字；会记入纪实，本人看得到。"),
        initial=gettext_lazy("办理组织关系"),
    )  # fmt: skip


def _context(letter: moving.Letter, identity: str) -> dict:
    transfer = letter.transfer
    member = persons.memberships_of(transfer.person_id).first() if transfer.person_id else None
    newcomer = moving.newcomer_of(transfer) if transfer.direction == "in" else None
    told = member or newcomer
    committee = transfer.to_committee.name if transfer.to_committee_id else transfer.to_name
    return {
        "letter": letter, "transfer": transfer, "person": transfer.person, "identity": identity, "committee": committee,
        "kind": told.get_kind_display() if told else "", "years": policy.current().transfers.validity.stub_years,
        "ours": letter.issuer_id is not None, "officer": moving.names_of([letter.issued_by]).get(letter.issued_by, ""),
    }  # fmt: skip


def _pdf(request: HttpRequest, letter: moving.Letter, identity: str) -> HttpResponse:
    title = _("组织关系介绍信") if letter.issuer_id else _("组织关系介绍信回执")
    return paper.response(
        request, "transfers/letter.html", _context(letter, identity), title=title,
        filename=f"{title}-{letter.serial}",
    )  # fmt: skip


def _masked(letter: moving.Letter) -> str:
    if letter.transfer.person_id:
        return letter.transfer.person.identity_masked
    newcomer = moving.newcomer_of(letter.transfer)
    return newcomer.identity_masked if newcomer else ""


@signed_in
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """The letter with the masked identity number, for everyone who may see the transfer."""
    found = moving.letter_for(request.actor, letter_id)
    return _pdf(request, found, _masked(found))


@needs("transfers.issue")
def full(request: HttpRequest, letter_id: int) -> HttpResponse:
    """The letter for handing out: with the number in full, after the purpose is stated and recorded."""
    found = moving.letter_for(request.actor, letter_id)
    if found.issuer is None or not request.actor.may_at("transfers.issue", found.issuer):
        raise Forbidden(_("只有开具介绍信的党委可以打印带完整证件号的介绍信。"))
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as done:
            if found.state == "void":
                raise Refused(_("已经作废的介绍信不再打印完整证件号。"))
            number = people.unmask(
                person=found.transfer.person, field="identity", purpose=form.cleaned_data["purpose"], by=request.actor
            )
        if done:
            return _pdf(request, found, number)
    return page(request, "transfers/letter_full.html", {"form": form, "letter": found})


@signed_in
def stay_paper(request: HttpRequest, stay_id: int) -> HttpResponse:
    """The latest 党员证明信 or 流动党员活动证 of a stay, with the masked identity number: for the branch and the member."""
    row = watching.stay_for(request.actor, stay_id)
    if row.person_id != request.actor.person and not request.actor.may_at("transfers.care", row.org):
        raise Forbidden(_("外出凭证只由支部和本人打印。"))
    found = watching.papers_of(row)
    if not found:
        raise NotFound(_("还没有开具外出凭证。"))
    table = policy.on(found[0].issued_on).transfers.mobile
    document = table.documents.get(found[0].document) or policy.current().transfers.mobile.documents[found[0].document]
    member = persons.memberships_of(row.person_id).first()
    context = {
        "paper": found[0], "stay": row, "document": document, "host_vote": table.host_vote,
        "kind": member.get_kind_display() if member else "",
        "officer": moving.names_of([found[0].issued_by]).get(found[0].issued_by, ""),
    }  # fmt: skip
    return paper.response(request, "transfers/stay_paper.html", context, title=document.title, filename=found[0].serial)

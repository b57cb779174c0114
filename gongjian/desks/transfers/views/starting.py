"""Beginning: the member asks, the branch starts one or many, a letter from outside is keyed in, letters in one go."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.transfers import actions, forms
from gongjian.desks.transfers.queries import moving
from gongjian.ground import policy
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import queries as people

FEW = 200


@needs("transfers.ask")
def ask(request: HttpRequest) -> HttpResponse:
    """The member asks on the phone."""
    actor = request.actor
    member = people.membership_of(actor.person) if actor.person else None
    if member is None:
        raise NotFound(_("您目前没有组织关系，请联系所在党支部。"))
    going = moving.open_of(actor.person)
    if going:
        return redirect("transfers:detail", going.pk)
    form = forms.WayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已申请，支部确认之后会告诉您。")) as done:
            transfer = actions.ask(by=actor, **form.cleaned_data)
        if done:
            return redirect("transfers:detail", transfer.pk)
    return page(request, "transfers/ask.html", {"form": form, "member": member, "rules": policy.current().transfers})


def branches_of(request: HttpRequest) -> list[orgs.Organisation]:
    """The branches for which the actor may start transfers."""
    pack = policy.current()
    kinds = [kind.id for kind in pack.org_kinds if kind.has_members]
    found = orgs.visible_to(request.actor, permission="transfers.confirm").filter(kind__in=kinds, member_count__gt=0)
    return list(found.order_by("path")[:FEW])


def branch_asked(request: HttpRequest) -> tuple[orgs.Organisation | None, list[orgs.Organisation]]:
    """The branch in the address, or the only one; and all to choose from."""
    choices = branches_of(request)
    if request.GET.get("org"):
        return orgs.get_for(request.actor, request.GET["org"], permission="transfers.confirm"), choices
    own = {grant.org for grant in request.actor.grants if "transfers.confirm" in grant.permissions}
    mine = [org for org in choices if org.pk in own]
    single = choices if len(choices) == 1 else mine if len(mine) == 1 else []
    return (single[0] if single else None), choices


@needs("transfers.confirm")
def start(request: HttpRequest) -> HttpResponse:
    """The branch starts a transfer for one member."""
    org, choices = branch_asked(request)
    if org is None:
        return page(request, "transfers/choose_branch.html", {"orgs": choices, "to": reverse("transfers:start")})
    members = [(str(row.person_id), row.person.name) for row in moving.members_to_choose(org)]
    form = forms.StartForm(request.POST or None, people=members, initial={"person": request.GET.get("person", "")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("已发起，等党委开介绍信。")) as done:
            person = people.get_for(request.actor, data.pop("person"))
            transfer = actions.start(person=person, by=request.actor, **data)
        if done:
            return redirect("transfers:detail", transfer.pk)
    return page(request, "transfers/start.html", {"form": form, "org": org, "choices": choices, "many": False})


@needs("transfers.confirm")
def batch(request: HttpRequest) -> HttpResponse:
    """Many members of one branch go together: a graduating class, a dissolved branch."""
    org, choices = branch_asked(request)
    if org is None:
        return page(request, "transfers/choose_branch.html", {"orgs": choices, "to": reverse("transfers:batch")})
    members = [(str(row.person_id), row.person.name) for row in moving.members_to_choose(org)]
    form = forms.BatchForm(request.POST or None, people=members)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = [
            actions.Wanted(int(person), data["to"], data["outside"], data["dues_until"]) for person in data["people"]
        ]
        with attempt(request, form) as done:
            made = actions.start_many(
                org=org, wanted=wanted, reason=data["reason"], note=data["note"], by=request.actor
            )
        if done:
            messages.success(request, _("已发起 %(number)d 件，等党委逐人开介绍信。") % {"number": len(made)})
            return HttpResponseRedirect(f"{reverse('transfers:list')}?tab=all&batch={made[0].batch}")
    return page(request, "transfers/start.html", {"form": form, "org": org, "choices": choices, "many": True})


@needs("transfers.view")
def key_in(request: HttpRequest) -> HttpResponse:
    """Key in a letter that somebody brought from outside the city."""
    actor = request.actor
    if not actor.may("transfers.confirm"):
        actor.require("transfers.issue")
    form = forms.KeyInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        to = data.pop("to")
        with attempt(request, form, _("已录入，由党委核对介绍信和本人。")) as done:
            transfer = actions.key_in(comer=actions.Comer(**data), to=to, by=actor)
        if done:
            return redirect("transfers:detail", transfer.pk)
    return page(request, "transfers/key_in.html", {"form": form})


@needs("transfers.issue")
@require_POST
def issue_many(request: HttpRequest) -> HttpResponse:
    """Letters for all that wait for the actor's committee (of one batch, if it is named), with the usual validity."""
    found = moving.waiting_for(request.actor).filter(state="agreed", to_org__isnull=False) | moving.waiting_for(
        request.actor
    ).filter(state="agreed", direction="out")
    if request.POST.get("batch"):
        found = found.filter(batch=request.POST["batch"])
    rows = list(found.order_by("id")[:500])
    with attempt(request) as done:
        if not rows:
            raise Invalid(_("没有待开的介绍信。"))
        actions.issue_many(transfers=rows, by=request.actor)
    if done:
        messages.success(request, _("已办理 %(number)d 件。") % {"number": len(rows)})
    return HttpResponseRedirect(f"{reverse('transfers:list')}?tab=all")

"""What there is: the list with its tabs, one's own on the phone, and the file of one transfer."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.transfers import forms
from gongjian.desks.transfers.looks import LETTER, STATE
from gongjian.desks.transfers.permissions import abilities
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import LINES
from gongjian.desks.transfers.views.deeds import DEEDS
from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.facts.queries import about_object
from gongjian.records.files import queries as files

TAB_WORDS = {"todo": "待我办理", "open": "正在办理", "arriving": "即将转入", "overdue": "已逾期", "all": "全部"}


def tabs_for(request: HttpRequest, current: str) -> list[tuple]:
    """The tabs above the list, and the way to the members."""
    counts = moving.tab_counts(request.actor)
    here = reverse("transfers:list")
    found = [
        (tab, _(TAB_WORDS[tab]), f"{here}?tab={tab}", *([counts[tab]] if counts.get(tab) else []))
        for tab in moving.TABS
    ]
    if request.actor.may("transfers.care") or request.actor.may("transfers.count"):
        found.append(("ranks", _("党员队伍动态"), reverse("transfers:ranks")))
    return found


def titles_of() -> tuple[dict[str, str], dict[str, str]]:
    """Words for reasons and causes of the pack."""
    table = policy.current().transfers
    return {one.id: one.title for one in table.reasons}, {one.id: one.title for one in table.refusal_causes}


@needs("transfers.view")
def overview(request: HttpRequest) -> HttpResponse:
    """The list: to do, on their way, arriving, overdue, all."""
    actor, today = request.actor, clock.today()
    reasons, _causes = titles_of()
    narrowed = any(request.GET.get(name) for name in ("q", "state", "direction", "batch"))
    tab = request.GET.get("tab") or ("all" if narrowed else "open")
    if tab not in moving.TABS:
        tab = "all"
    listing = Listing(
        request,
        moving.in_tab(moving.visible_to(actor), actor, tab).select_related(*moving.PLACES),
        columns=[
            Column("name", _("姓名"), link="transfers:detail", phone="title"),
            Column("direction", _("类别"), value=lambda t: str(t.get_direction_display()), phone="meta"),
            Column("from_text", _("转出"), phone="meta"),
            Column("to_text", _("转入"), phone="meta"),
            Column("reason", _("事由"), value=lambda t: reasons.get(t.reason, t.reason), phone="hide"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="meta"),
            Column("holder", _("由谁办理"), value=lambda t: (t.holder.short_name or t.holder.name) if t.holder_id else "", phone="meta"),
            Column("due_on", _("期限"), kind="date", sort=True, phone="meta"),
            Column("late", _("逾期天数"), kind="number", phone="hide",
                   value=lambda t: (today - t.due_on).days if t.is_open and t.due_on and t.due_on < today else None),
            Column("created_at", _("发起日期"), kind="date", sort=True, phone="hide", value=lambda t: clock.day_of(t.created_at)),
        ],
        filterset=forms.TransferFilter,
        search=("name", "from_org__name", "to_org__name", "from_name", "to_name", "from_org__initials", "to_org__initials"),
        order=("-created_at", "-id"),
        export="xlsx,csv",
        name=_("组织关系转接"),
        empty=_("没有组织关系转接"),
        empty_hint=_("党员可以在手机上申请，支部也可以点“发起转接”。"),
        search_hint=_("姓名、转出或转入的党组织"),
    )  # fmt: skip
    return listing.response(
        "transfers/list.html",
        {"tabs": tabs_for(request, tab), "tab": tab, "may_start": actor.may("transfers.confirm"),
         "may_issue": actor.may("transfers.issue")},
    )  # fmt: skip


def progress_of(transfer: moving.Transfer) -> tuple[tuple, str]:
    """(the line of steps, where it stands): what was sent back or refused stands where it is to go on."""
    line = LINES[transfer.direction]
    known = [key for key, _word in line]
    place = {"returned": known[0], "refused": "issued" if "issued" in known else "keyed", "objected": "issued"}
    state = place.get(transfer.state, transfer.state)
    return line, state if state in known else known[0]


def follow(transfer: moving.Transfer) -> dict:
    """What a person wants to know: where it stands, who has it, until when, whom to call."""
    line, state = progress_of(transfer)
    today = clock.today()
    return {
        "transfer": transfer, "line": line, "at": state, "letter": moving.letter_of(transfer),
        "officers": moving.officers(transfer.holder, today), "late": bool(transfer.due_on and transfer.due_on < today),
    }  # fmt: skip


@needs("transfers.ask")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own, on the phone: the one under way with its steps, and those before."""
    rows = list(moving.mine(request.actor)[:20])
    going = next((row for row in rows if row.is_open), None)
    return page(
        request, "transfers/mine.html",
        {"going": follow(going) if going else None, "past": [row for row in rows if not row.is_open], "states": STATE},
    )  # fmt: skip


ICONS = {
    "transfer.asked": "user-plus", "transfer.keyed_in": "inbox", "transfer.agreed": "check", "transfer.issued": "certificate",
    "transfer.received": "inbox", "transfer.accepted": "circle-check", "transfer.completed": "circle-check",
    "transfer.sent_back": "arrow-back-up", "transfer.refused": "ban", "transfer.objected": "scale",
    "letter.voided": "x", "letter.reissued": "certificate", "letter.extended": "calendar-time",
}  # fmt: skip
GOOD = {"transfer.accepted", "transfer.completed"}


def timeline_of(transfer: moving.Transfer) -> list[dict]:
    """The facts about a transfer, newest first."""
    kinds = registry.fact_kinds()
    stories = list(about_object(Ref.of("transfer", transfer.pk)).order_by("-id")[:200])
    names = moving.names_of([story.by for story in stories])
    found = []
    for story in stories:
        serial = story.data.get("serial") or story.data.get("new") or ""
        parts = [serial, story.data.get("reason", "") if story.kind.startswith("letter.") else ""]
        found.append({
            "at": story.recorded_at, "icon": ICONS.get(story.kind, "point"), "who": names.get(story.by, _("系统")),
            "title": str(kinds[story.kind].title), "text": "，".join(part for part in parts if part),
            "tone": "good" if story.kind in GOOD else "quiet",
        })  # fmt: skip
    return found


@signed_in
def detail(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """The file of a transfer from the asking to the receipt."""
    actor = request.actor
    transfer = moving.get_for(actor, transfer_id)
    told = follow(transfer)
    letters = moving.letters_of(transfer)
    able = abilities(transfer, actor, told["letter"])
    reasons, causes = titles_of()
    desk = actor.may("transfers.view")
    return page(
        request, "transfers/detail.html",
        {
            **told, "frame": "ui/base.html" if desk else "ui/phone.html", "letters": letters, "states": STATE,
            "letter_states": LETTER, "deeds": [(name, DEEDS[name]) for name in able], "reason": reasons.get(transfer.reason, ""),
            "cause": causes.get(transfer.refusal_cause, ""), "timeline": timeline_of(transfer),
            "basis": policy.current().transfers.committees.basis, "refusal_basis": policy.current().transfers.refusal_basis,
            "may_print": transfer.from_committee is not None and actor.may_at("transfers.issue", transfer.from_committee),
            "shelf": files.on_shelf(actor, Ref.of("transfer", transfer.pk)) if desk else None,
            "newcomer": moving.newcomer_of(transfer) if desk and transfer.direction == "in" else None,
        },
    )  # fmt: skip


@signed_in
def destinations(request: HttpRequest) -> HttpResponse:
    """Suggestions for where to go: names of branches and committees of the city, nothing else about them."""
    actor = request.actor
    if not (actor.may("transfers.ask") or actor.may("transfers.confirm") or actor.may("transfers.issue")):
        actor.require("transfers.ask")
    found = moving.suggestions(request.GET.get("to") or request.GET.get("host") or request.GET.get("q", ""))
    return fragment(
        request, "ui/parts/options.html",
        {"options": [(f"{org.code} {org.name}", org.parent.name if org.parent_id else "") for org in found]},
    )  # fmt: skip

"""Votes on decisions: by show of hands or by secret ballot; what the numbers do not carry is not recorded as passed."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries, votes
from gongjian.desks.activities.actions.planning import ref
from gongjian.desks.activities.models import Activity, Decision, Minutes, MinutesRevision, Vote
from gongjian.desks.activities.states import HELD, OPEN
from gongjian.engines.voting import actions as polling
from gongjian.engines.voting import rules
from gongjian.engines.voting.models import Poll
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.records import facts


def _votable(activity: Activity, by: Actor) -> tuple[Activity, votes.Standing]:
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.hold", activity.org)
    if activity.state not in (OPEN, HELD):
        raise Refused(_("签到开始以后、签字确认以前才能表决。"))
    standing = votes.standing_of(activity)
    if standing is None:
        raise Refused(_("这种活动不表决。"))
    return activity, standing


def _decision(activity: Activity, ident: int) -> Decision:
    try:
        return Decision.objects.select_related("minutes").get(pk=ident, minutes__activity=activity)
    except (Decision.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(_("没有找到这项决定，可能刚刚被删去，请刷新页面。")) from None


@transaction.atomic
def propose(*, activity: Activity, text: str, by: Actor, at: dt.datetime | None = None) -> Decision:
    """Write down what is to be voted on (提出议题), before or beside the minutes; the same text is the same one."""
    activity, _standing = _votable(activity, by)
    text, moment = text.strip()[:500], at or clock.now()
    if len(text) < 2:
        raise Invalid(_("请写明表决什么。"), field="text")
    minutes = Minutes.objects.filter(activity=activity).first()
    if minutes is None:
        pairs = [{"point": point, "note": ""} for point in activity.agenda]
        minutes = Minutes.objects.create(
            activity=activity, notes=pairs, recorded_by=by.person, recorded_at=moment, version=0
        )
    known = Decision.objects.filter(minutes=minutes, text=text).first()
    if known is not None:
        return known
    last = (
        Decision.objects.filter(minutes=minutes).order_by("-position").values_list("position", flat=True).first() or 0
    )
    decision = Decision.objects.create(minutes=minutes, position=last + 1, text=text)
    minutes.version, minutes.recorded_by, minutes.recorded_at = minutes.version + 1, by.person, moment
    minutes.save(update_fields=["version", "recorded_by", "recorded_at"])
    MinutesRevision.objects.create(
        minutes=minutes,
        number=minutes.version,
        payload=queries.content_of(minutes),
        saved_by=by.person,
        saved_at=moment,
    )
    return decision


@transaction.atomic
def record_vote(
    *, activity: Activity, decision: int, yes: int, by: Actor, no: int = 0, abstain: int = 0, written: int = 0,
    declared: bool | None = None, at: dt.datetime | None = None,
) -> Vote:  # fmt: skip
    """Record a vote by show of hands (表决); quorum and majority are those of this moment's check-ins and the pack's rule.

    `written`: how many of the votes are written opinions of absent voters, where the rule counts them. `declared`: what
    the meeting declared; raises Refused where the numbers say otherwise, where too few are there to vote, or where the
    decision was voted on by ballot; Invalid for numbers that cannot be. Again corrects the record: a further fact.
    """
    activity, standing = _votable(activity, by)
    one = _decision(activity, decision)
    if not standing.reached:
        raise Refused(standing.words)
    if min(yes, no, abstain, written) < 0 or yes + no + abstain == 0:
        raise Invalid(_("请填写赞成、反对、弃权的票数。"), field="yes")
    if written and not standing.rule.written_opinions:
        raise Refused(
            _("按“%(rule)s”的规则，缺席者的书面意见不计票。") % {"rule": standing.rule.title}, field="written"
        )
    if written > standing.entitled - standing.present:
        raise Invalid(_("书面意见比没有到会的人还多。"), field="written")
    if yes + no + abstain > standing.present + written:
        raise Invalid(
            _("票数合计 %(votes)d，多于到会有表决权的 %(present)d 人。")
            % {"votes": yes + no + abstain, "present": standing.present + written}, field="yes",
        )  # fmt: skip
    passed = yes > 0 and rules.passes(yes, standing.entitled, standing.present, standing.rule.pass_base)
    if declared is not None and declared != passed:
        raise Refused(_against(standing, yes, passed), field="yes")
    numbers = {"yes": yes, "no": no, "abstain": abstain, "written": written, "passed": passed}
    return _write(
        activity, one, method="hands", rule=standing.rule.id, by=by, at=at or clock.now(),
        numbers={**numbers, "due": standing.entitled, "present": standing.present},
    )  # fmt: skip


def _against(standing: votes.Standing, yes: int, passed: bool) -> str:
    words = {"yes": yes, "due": standing.entitled, "present": standing.present, "need": standing.to_pass}
    if passed:
        return _("赞成 %(yes)d 票，已达到通过所需的 %(need)d 票，不能记为未通过。") % words
    if standing.rule.pass_base == "present":
        return _("赞成 %(yes)d 票，没有超过实到会 %(present)d 人的半数（须 %(need)d 票），不能记为通过。") % words
    return _("赞成 %(yes)d 票，没有超过应到会 %(due)d 人的半数（须 %(need)d 票），不能记为通过。") % words


def _write(
    activity: Activity, decision: Decision, *, method: str, rule: str, numbers: dict, by: Actor, at: dt.datetime,
    poll: int | None = None,
) -> Vote:  # fmt: skip
    known = Vote.objects.filter(decision=decision).first()
    if known is not None and known.poll is not None and known.poll != poll:
        raise Refused(_("这项决定已经投票表决，不能再改为举手。"))
    if known is not None and all(getattr(known, name) == value for name, value in numbers.items()):
        return known
    vote, _new = Vote.objects.update_or_create(
        decision=decision,
        defaults={**numbers, "method": method, "rule": rule, "poll": poll, "recorded_by": by.person, "recorded_at": at},
    )
    facts.record(
        "activity.vote_recorded", by=by, at=at, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "decision": decision.pk, "rule": rule, "method": method, **numbers},
    )  # fmt: skip
    return vote


@transaction.atomic
def start_poll(*, activity: Activity, decision: int, by: Actor, at: dt.datetime | None = None) -> Poll:
    """Put a decision to a secret ballot (无记名投票) among those who have a vote in this meeting.

    Raises Refused where too few are there. Pressed twice it is one poll; after an annulled one it is the next.
    """
    activity, standing = _votable(activity, by)
    one = _decision(activity, decision)
    if not standing.reached:
        raise Refused(standing.words)
    if Vote.objects.filter(decision=one).exists():
        raise Refused(_("这项决定已经表决。"))
    open_one = votes.polls_of([one]).get(one.pk)
    if open_one is not None:
        return open_one
    roll = votes.roll_of(activity)
    number = Poll.objects.filter(subject_kind="decision", subject_id=str(one.pk)).count()
    return polling.open_poll(
        org=activity.org, subject=votes.subject_of(one), title=one.text, rule=standing.rule.id, secret=True, voters=roll,
        present=votes.present_voters(activity, roll), by=by, at=at, key=f"decision:{one.pk}:{number}",
    )  # fmt: skip


def take_polls(activity: Activity, *, by: Actor, at: dt.datetime) -> int:
    """Take the results of closed ballots over as votes; called by the sign-off and by the page. Returns how many.

    Raises Refused while a ballot is still open: a meeting is not filed with a vote under way.
    """
    decisions = votes.decisions_of(activity)
    found = votes.polls_of(decisions)
    taken = 0
    for one in decisions:
        poll = found.get(one.pk)
        if poll is None:
            continue
        numbers = votes.poll_numbers(poll)
        if numbers is None:
            raise Refused(_("“%(text)s”的投票还没有宣布结果。") % {"text": one.text})
        if one.vote_row is None:
            _write(activity, one, method="poll", rule=poll.rule, numbers=numbers, poll=poll.pk, by=by, at=at)
            taken += 1
    return taken


@transaction.atomic
def take_results(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> int:
    """Take over what the ballots came to (记入投票结果); returns how many are new."""
    activity, _standing = _votable(activity, by)
    return take_polls(activity, by=by, at=at or clock.now())

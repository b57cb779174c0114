"""Reads before and after a vote: who has one, who is there, and what could pass at all (DOMAIN 1.4)."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from gongjian.desks.activities.models import Activity, Attendance, Decision, Vote
from gongjian.engines.voting import queries as polls
from gongjian.engines.voting import rules
from gongjian.engines.voting.expected import Expected, committee_of, expected_of
from gongjian.engines.voting.models import Poll
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.voting_schema import VotingRule


class Standing(NamedTuple):
    """表决条件: by the check-ins as they are now.

    entitled: 应到会, those with a vote; present: those of them who are checked in; needs: how many must be there; to_pass:
    how many must agree; reached: whether a vote may be held; passable: whether anything could pass even if all agreed.
    """

    rule: VotingRule
    entitled: int
    present: int
    needs: int
    to_pass: int
    reached: bool
    passable: bool

    @property
    def words(self) -> str:
        """What the page says before a vote."""
        numbers = {"n": self.entitled, "m": self.present, "needs": self.needs, "k": self.to_pass}
        head = _("有表决权的应到 %(n)d 人，实到 %(m)d 人。") % numbers
        if not self.reached:
            return head + _("须有 %(needs)d 人以上到会才能表决，现在人数不够。") % numbers
        if not self.passable:
            return head + _("赞成须达到 %(k)d 票，到会的人全部赞成也不够：什么都通不过。") % numbers
        return head + _("赞成达到 %(k)d 票为通过。") % numbers


def roll_of(activity: Activity) -> list[Expected]:
    """应到会: who has a vote in this meeting and is counted. Who was left out of the list is not counted only where the
    records allow it: taking names off a list makes no quorum.
    """
    day = clock.day_of(activity.starts_at)
    rows = committee_of(activity.org, day) if activity.audience == "committee" else expected_of(activity.org, day)
    listed = set(Attendance.objects.filter(activity=activity).values_list("person", flat=True))
    return [row for row in rows if row.has_vote and (row.counted or row.person.pk in listed)]


def rule_of(activity: Activity) -> VotingRule | None:
    """By which of the pack's rules this kind of meeting votes; None where it does not."""
    pack = policy.on(clock.day_of(activity.starts_at))
    name = pack.meetings.form(activity.kind).voting
    return pack.voting_rule(name) if name else None


def present_voters(activity: Activity, roll: list[Expected]) -> set[int]:
    """Who of the roll is checked in."""
    here = Attendance.objects.filter(activity=activity, status="present").values_list("person", flat=True)
    return {row.person.pk for row in roll} & set(here)


def standing_of(activity: Activity) -> Standing | None:
    """What a vote taken now would be judged by; None for a kind of meeting that takes none."""
    rule = rule_of(activity)
    if rule is None:
        return None
    roll = roll_of(activity)
    due, present = len(roll), len(present_voters(activity, roll))
    to_pass = rules.votes_needed(rule.pass_base, due, present)
    reached = rules.quorum(rule.quorum, present, due)
    # A written opinion is a vote as well, where the rule counts them: then the absent may still carry it.
    most = due if rule.written_opinions else present
    return Standing(
        rule=rule, entitled=due, present=present, needs=rules.quorum_needs(rule.quorum, due), to_pass=to_pass,
        reached=reached, passable=reached and most >= to_pass,
    )  # fmt: skip


def vote_words(vote: Vote) -> str:
    """A recorded vote in one sentence."""
    text = _("应到会 %(due)d 人，实到 %(present)d 人，赞成 %(yes)d 票，反对 %(no)d 票，弃权 %(abstain)d 票") % {
        "due": vote.due, "present": vote.present, "yes": vote.yes, "no": vote.no, "abstain": vote.abstain,
    }  # fmt: skip
    if vote.written:
        text += _("（含书面意见 %(n)d 票）") % {"n": vote.written}
    return text + "，" + (_("通过。") if vote.passed else _("未通过。"))


def subject_of(decision: Decision) -> Ref:
    """A decision as the subject of a secret ballot."""
    return Ref.of("decision", decision.pk)


def decisions_of(activity: Activity) -> list[Decision]:
    """Decisions in their order; each with `vote_row`, `vote_text` and `vote_state`."""
    found = list(
        Decision.objects.filter(minutes__activity=activity).select_related("owner", "vote").order_by("position")
    )
    for one in found:
        one.vote_row = getattr(one, "vote", None)
        one.vote_text = vote_words(one.vote_row) if one.vote_row else ""
        one.vote_state = "" if one.vote_row is None else "passed" if one.vote_row.passed else "rejected"
    return found


def polls_of(decisions: list[Decision]) -> dict[int, Poll]:
    """The last poll of each decision, annulled ones aside."""
    idents = [str(one.pk) for one in decisions]
    rows = (
        Poll.objects.filter(subject_kind="decision", subject_id__in=idents)
        .exclude(state="void")
        .order_by("opened_at", "pk")
    )
    return {int(row.subject_id): row for row in rows}


def poll_numbers(poll: Poll) -> dict[str, Any] | None:
    """yes, no, abstain, due, present, written, passed of a closed poll on one decision; None before the close.

    A vote that does not count (too few there, more ballots than were handed out) has passed False.
    """
    outcome = polls.outcome_of(poll)
    if outcome is None:
        return None
    item = poll.item_ids[0]
    tally = outcome.tallies[item]
    return {
        "yes": tally.get("yes", 0), "no": tally.get("no", 0), "abstain": tally.get("abstain", 0), "due": outcome.due,
        "present": min(outcome.present, outcome.due), "written": outcome.opinions, "passed": item in outcome.passed,
    }  # fmt: skip

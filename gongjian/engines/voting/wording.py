"""话: what is wrong with a ballot, and the sentence that explains a result, in the reader's words."""

from django.utils.translation import gettext as _

from gongjian.engines.voting.models import Poll
from gongjian.engines.voting.rules import YES, Outcome


def problem(code: str, *, seats: int | None = None, label: str = "") -> str:
    """A problem of a ballot or of the tellers' numbers."""
    words = {
        "unknown_item": _("选票上没有这一项，请刷新页面后再试。"),
        "unknown_option": _("没有这个选项，请刷新页面后再试。"),
        "write_in": _("另选他人只能在不赞成候选人时填写，人数不能超过您不赞成的人数。"),
        "too_many": _("所选人数超过应选的 %(seats)s 人，这样的票无效。请减少后再提交。") % {"seats": seats},
        "invalid_over_collected": _("无效票不能多于收回的票。"),
        "over_valid": _("“%(label)s”的票数超过有效票数，请核对。") % {"label": label},
    }
    return words[code]


def quorum_words(rule: str) -> str:
    """What share must be there."""
    return {
        "none": _("不作到会要求"),
        "half_or_more": _("须有半数以上到会（正好半数可以）"),
        "over_half": _("到会人数须超过半数"),
        "four_fifths": _("到会人数须不少于五分之四（正好五分之四可以）"),
        "over_four_fifths": _("到会人数须超过五分之四"),
    }[rule]


def base_words(base: str) -> str:
    """What yes-votes must exceed half of."""
    return {
        "due": _("赞成票须超过应到会人数的半数"),
        "present": _("赞成票须超过实到会人数的半数"),
        "none": _("不设通过票数"),
    }[base]


def sentence(poll: Poll, outcome: Outcome) -> str:
    """The sentence that explains a result: who was there, whether it counts, what was needed and what was reached."""
    numbers = {
        "due": outcome.due, "present": outcome.present, "need": outcome.quorum_needed, "out": outcome.handed_out,
        "back": outcome.collected, "bad": outcome.invalid, "good": outcome.valid_ballots, "opinions": outcome.opinions,
        "needed": outcome.needed,
    }  # fmt: skip
    said = [_("应到会有表决权的 %(due)s 人，实到 %(present)s 人。") % numbers]
    if not outcome.present_ok:
        said.append(
            _("%(words)s，至少要 %(need)s 人，到会人数不够，表决无效。")
            % {**numbers, "words": quorum_words(poll.quorum)}
        )
        return "".join(said)
    said.append(_("发出选票 %(out)s 张，收回 %(back)s 张，其中有效 %(good)s 张，无效 %(bad)s 张。") % numbers)
    if outcome.opinions:
        said.append(_("另有书面意见 %(opinions)s 份，计入票数。") % numbers)
    if not outcome.ballots_ok:
        said.append(_("收回的选票多于发出的选票，投票无效，须重新投票。"))
        return "".join(said)
    if poll.base == "none":
        return "".join(said)
    said.append(_("%(words)s，即至少 %(needed)s 票。") % {**numbers, "words": base_words(poll.base)})
    if len(poll.items) == 1:
        votes = outcome.tallies[poll.items[0]["id"]].get(YES, 0)
        said.append(
            (_("赞成 %(votes)s 票，通过。") if outcome.passed else _("赞成 %(votes)s 票，没有通过。"))
            % {"votes": votes}
        )
    return "".join(said)

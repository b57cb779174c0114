"""表决规则: quorum, majority, who has a vote, what a ballot may say, how ballots are counted. Values in, values out.

Sources: 支部工作条例 (meetings), 发展党员工作细则 art. 21 (admission), 基层组织选举工作条例 (elections): DOMAIN 1.4 and 1.5.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

YES, NO, ABSTAIN = "yes", "no", "abstain"
WRITE_INS_AT_MOST = 20
NAME_AT_MOST = 30
BLOCK = 1024  # sealed ballots have one of few lengths, so that a length tells nothing

# --- quorum and majority ----------------------------------------------------------------------------------------
# rule → (numerator, denominator, whether the bound itself is enough)
_SHARES = {
    "none": (0, 1, True),
    "half_or_more": (1, 2, True),
    "over_half": (1, 2, False),
    "four_fifths": (4, 5, True),
    "over_four_fifths": (4, 5, False),
}


def quorum_needs(rule: str, due: int) -> int:
    """How many of `due` must be there: the smallest number that meets the rule; KeyError for an unknown rule."""
    over, under, enough = _SHARES[rule]
    return math.ceil(due * over / under) if enough else due * over // under + 1


def quorum(rule: str, present: int, due: int) -> bool:
    """Whether enough are there. Nobody entitled means no meeting, except where the rule asks for none."""
    if rule == "none":
        return True
    return due > 0 and present >= quorum_needs(rule, due)


def votes_needed(base: str, due: int, present: int) -> int:
    """The smallest number of yes-votes that passes: more than half of `due` (应到会) or of `present` (实到会)."""
    if base == "none":
        return 0
    return (due if base == "due" else present) // 2 + 1


def passes(yes: int, due: int, present: int, base: str) -> bool:
    """Whether so many yes-votes are enough; with base `none` nothing passes or fails, so it is always True."""
    return base == "none" or yes >= votes_needed(base, due, present)


def quorum_reached(present: int, entitled: int) -> bool:
    """支部工作条例: 半数以上 of those with a vote (支委会: of the committee) are there; exactly half is enough."""
    return 2 * present >= entitled


def enough_to_pass(present: int, entitled: int) -> bool:
    """Whether anything could pass at all: yes-votes must exceed half of those entitled, not of those present."""
    return 2 * present > entitled


# --- who ----------------------------------------------------------------------------------------------------------
def votes(kind: str, state: str) -> bool:
    """Whether a member has a vote: formal members whose rights are not suspended (选举工作条例第五条)."""
    return kind == "formal" and state == "normal"


def may_be_left_out(*, state: str, mobile: bool, lost_for_days: int | None) -> str:
    """Why a member may be left out of 应到, with the higher organisation's consent and the meeting's approval; "" if not.

    Only what the membership shows: other circumstances are noted on the person (DOMAIN 1.4).
    """
    if state == "suspended":
        return "党员权利暂停"
    if lost_for_days is not None and lost_for_days > 0:
        return "失去联系"
    if mobile:
        return "流动党员"
    return ""


# --- a ballot -----------------------------------------------------------------------------------------------------
def tidy_ballot(
    choices: Mapping[str, str], write_ins: Iterable[str], items: Sequence[str], options: Sequence[str]
) -> dict[str, Any]:
    """A ballot in one canonical writing: every item in its order (unmarked: abstain, or the last option), names once."""
    blank = ABSTAIN if ABSTAIN in options else ""
    names = []
    for name in write_ins:
        name = " ".join(str(name).split())[:NAME_AT_MOST]
        if name and name not in names:
            names.append(name)
    return {"choices": {item: choices.get(item) or blank for item in items}, "write_ins": sorted(names)}


def ballot_problem(
    ballot: Mapping[str, Any], items: Sequence[str], options: Sequence[str], *, seats: int | None, write_ins: bool
) -> str:
    """What is wrong with a ballot: unknown_item, unknown_option, write_in, too_many; "" if nothing.

    选举工作条例: a ballot that marks no more than the seats is valid, one that marks more is not. Somebody may be written
    in only by a voter who votes against a candidate.
    """
    choices = ballot["choices"]
    if set(choices) - set(items):
        return "unknown_item"
    if any(option and option not in options for option in choices.values()):
        return "unknown_option"
    names = ballot["write_ins"]
    if names and (not write_ins or len(names) > sum(option == NO for option in choices.values())):
        return "write_in"
    if len(names) > WRITE_INS_AT_MOST:
        return "write_in"
    if seats is not None and sum(option == YES for option in choices.values()) + len(names) > seats:
        return "too_many"
    return ""


def pad(text: str) -> str:
    """A text filled up with blanks to a multiple of BLOCK bytes."""
    return text + " " * (-len(text.encode()) % BLOCK)


def pack_ballot(ballot: Mapping[str, Any]) -> str:
    """A ballot as text of even length, to be sealed."""
    return pad(json.dumps(ballot, ensure_ascii=False, sort_keys=False))


def unpack_ballot(text: str) -> dict[str, Any]:
    """The ballot that `pack_ballot` wrote."""
    return dict(json.loads(text))


# --- counting -----------------------------------------------------------------------------------------------------
class Papers(NamedTuple):
    """纸质票计票: what the tellers counted. tallies: item → option → how many; write_ins: name → how many."""

    collected: int = 0
    invalid: int = 0
    tallies: Mapping[str, Mapping[str, int]] = {}
    write_ins: Mapping[str, int] = {}


def papers_problem(
    papers: Papers, items: Sequence[str], options: Sequence[str], *, seats: int | None, write_ins: bool
) -> tuple[str, str]:
    """(what is wrong with the tellers' numbers, the item it is about); ("", "") if they can be right."""
    valid = papers.collected - papers.invalid
    if papers.collected < 0 or papers.invalid < 0 or valid < 0:
        return "invalid_over_collected", ""
    for item, numbers in papers.tallies.items():
        if item not in items:
            return "unknown_item", item
        if set(numbers) - set(options):
            return "unknown_option", item
        if any(number < 0 for number in numbers.values()) or sum(numbers.values()) > valid:
            return "over_valid", item
    if papers.write_ins and not write_ins:
        return "write_in", ""
    if any(not 0 < number <= valid for number in papers.write_ins.values()):
        return "over_valid", next(name for name, number in papers.write_ins.items() if not 0 < number <= valid)
    marked = sum(numbers.get(YES, 0) for numbers in papers.tallies.values()) + sum(papers.write_ins.values())
    if seats is not None and marked > seats * valid:
        return "too_many", ""
    return "", ""


class Rule(NamedTuple):
    """What decides: the pack's rule as it was when the poll was opened."""

    quorum: str
    base: str


class Outcome(NamedTuple):
    """结果: all numbers. `tallies` holds item → option → votes, `passed` the items with enough yes-votes.

    present_ok: enough were there. ballots_ok: no more ballots came back than were handed out (选举工作条例: otherwise the
    vote is void and must be repeated). counts: written opinions are among the votes, not among those present.
    """

    due: int
    present: int
    quorum_needed: int
    present_ok: bool
    handed_out: int
    collected: int
    invalid: int
    opinions: int
    ballots_ok: bool
    needed: int
    tallies: dict[str, dict[str, int]]
    write_ins: dict[str, int]
    passed: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether the vote counts at all."""
        return self.present_ok and self.ballots_ok

    @property
    def valid_ballots(self) -> int:
        """有效票."""
        return self.collected - self.invalid


def outcome(
    *, rule: Rule, due: int, present: int, by_phone: int, on_paper: int, ballots: Sequence[Mapping[str, Any]], opinions: int,
    papers: Papers, items: Sequence[str], options: Sequence[str],
) -> Outcome:  # fmt: skip
    """Count everything. `ballots` are those cast by phone and the written opinions (`opinions` of them);
    `by_phone` and `on_paper` how many could vote by phone and were handed a paper ballot.

    An item that a valid ballot leaves unmarked counts as an abstention.
    """
    tallies = {item: dict.fromkeys(options, 0) for item in items}
    write_ins: dict[str, int] = {}
    for ballot in ballots:
        for item, option in ballot["choices"].items():
            if option in tallies.get(item, {}):
                tallies[item][option] += 1
        for name in ballot["write_ins"]:
            write_ins[name] = write_ins.get(name, 0) + 1
    valid_papers = papers.collected - papers.invalid
    for item in items:
        counted = papers.tallies.get(item, {})
        for option in options:
            tallies[item][option] += counted.get(option, 0)
        if ABSTAIN in options:
            tallies[item][ABSTAIN] += valid_papers - sum(counted.values())
    for name, number in papers.write_ins.items():
        write_ins[name] = write_ins.get(name, 0) + number
    collected = len(ballots) - opinions + papers.collected
    present_ok, ballots_ok = quorum(rule.quorum, present, due), papers.collected <= on_paper
    passed = tuple(
        item for item in items if passes(tallies[item].get(YES, 0), due, present, rule.base)
    ) if present_ok and ballots_ok and rule.base != "none" else ()  # fmt: skip
    return Outcome(
        due=due, present=present, quorum_needed=quorum_needs(rule.quorum, due), present_ok=present_ok,
        handed_out=by_phone + on_paper, collected=collected, invalid=papers.invalid, opinions=opinions, ballots_ok=ballots_ok,
        needed=votes_needed(rule.base, due, present), tallies=tallies,
        write_ins=dict(sorted(write_ins.items(), key=lambda pair: (-pair[1], pair[0]))), passed=passed,
    )  # fmt: skip

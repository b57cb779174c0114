"""A pack's rules of meetings (会议): what each kind asks for, minutes, follow-ups, lessons of secretaries."""

from typing import Literal

from gongjian.ground.policy.values import Entries, FreeText, Id, Natural, Positive, Shape, Text

Ask = Literal["topic", "lecturer", "oath_leader", "problems"]


class MeetingForm(Shape):
    """会议要素: what a kind of activity (`id`) asks for beyond time, place and minutes.

    voting: the rule by which its decisions are put to a vote, empty: it takes no votes; without_quorum: what becomes of
    a sign-off where that rule's quorum was not there; asks: topic 题目, lecturer 主讲人, oath_leader 领誓人, problems
    问题清单; phrases: sentences to put into the minutes with one tap.
    """

    id: Id
    voting: Id | None = None
    without_quorum: Literal["warn", "block"] = "block"
    asks: tuple[Ask, ...] = ()
    phrases: tuple[Text, ...] = ()
    basis: FreeText = ""


class Chairing(Shape):
    """主持: posts to whose holders the convener may give the chair of one meeting."""

    delegate_posts: tuple[Id, ...]
    basis: Text


class MinutesRules(Shape):
    """记录: points of an agenda (by words in them) that begin with what became of the last decisions; for how many
    minutes somebody who typed counts as still writing.
    """

    report_points: tuple[Text, ...]
    writing_minutes: Positive
    basis: Text


class FollowUps(Shape):
    """督办: days before the date on which the owner is reminded, and every how many days once it is late (0: never)."""

    remind_days_before: tuple[Natural, ...]
    late_every_days: Natural
    basis: Text


class SecretaryLessons(Shape):
    """书记讲党课: secretaries of organisations of these kinds give at least so many lessons a year."""

    kind: Id
    posts: tuple[Id, ...]
    org_kinds: tuple[Id, ...]
    times: Positive
    warn_from_month: Positive
    basis: Text


class Meetings(Shape):
    """会议."""

    kinds: Entries[MeetingForm]
    chairing: Chairing
    minutes: MinutesRules
    follow_ups: FollowUps
    secretary_lessons: SecretaryLessons

    def form(self, kind: str) -> MeetingForm:
        """What a kind asks for; a kind without an entry asks for nothing."""
        return next((one for one in self.kinds if one.id == kind), MeetingForm(id=kind))

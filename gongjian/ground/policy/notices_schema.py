"""The shape of `notices.yaml` (消息): which kind is told how, when outside messages may go, and how often."""

from typing import Literal

from gongjian.ground.policy.planning_schema import Hour
from gongjian.ground.policy.values import Entries, Id, Positive, Shape, Text, Truth

Way = Literal["mail", "sms", "robot"]


class NoticeKind(Shape):
    """消息种类: `title` is the only thing that an outside message says of a notice, so it names nobody.

    urgency: urgent goes out by itself, digest waits for the day's one digest, inside is told in the product only.
    channels: ways outside that are allowed; robot is a group's robot of the organisation that the notice is of.
    """

    id: Id
    title: Text
    urgency: Literal["urgent", "digest", "inside"]
    channels: tuple[Way, ...] = ()


class Quiet(Shape):
    """免打扰: no outside message from `begins` to `ends` (next morning); a person may choose within the bounds."""

    begins: Hour
    ends: Hour
    begins_earliest: Hour
    begins_latest: Hour
    ends_earliest: Hour
    ends_latest: Hour


class Retry(Shape):
    """重试: after the n-th failure wait `first_seconds` × `factor`ⁿ⁻¹, at most `longest_seconds`; then give up."""

    attempts: Positive
    first_seconds: Positive
    factor: Positive
    longest_seconds: Positive


class Notices(Shape):
    """消息: the digest's hour and days, quiet hours, the weekly limit of outside messages to one person, retries.

    urgent_exempt: urgent kinds go out although the limit is reached (they count all the same). lease_seconds: an attempt
    of which nothing was heard for so long is made again.
    """

    digest_at: Hour
    digest_days: Literal["working", "every"]
    quiet: Quiet
    weekly_limit: Positive
    urgent_exempt: Truth
    retry: Retry
    timeout_seconds: Positive
    lease_seconds: Positive
    robot_per_minute: Positive
    kinds: Entries[NoticeKind]
    basis: Text

"""看过码的凭据: that somebody has shown a valid code a moment ago, kept by the page's form or by the browser's session."""

from collections.abc import Mapping

from django.core import signing

from gongjian.ground.kernel import clock

SEEN = "activities_seen"
TICKET = signing.TimestampSigner(salt="activities.seen")
TICKET_SECONDS = 300  # between looking at the page and pressing its button
LOGIN_SECONDS = 600  # for finding one's password


def give(activity: int, person: int | None) -> str:
    """A ticket for the button of the page; good for this person at this activity only."""
    return TICKET.sign(f"{activity}:{person}")


def holds(ticket: str, activity: int, person: int | None) -> bool:
    """Whether a ticket was given for this, and not too long ago."""
    try:
        return TICKET.unsign(ticket, max_age=TICKET_SECONDS) == f"{activity}:{person}"
    except signing.BadSignature:
        return False


def note(activity: int) -> dict[str, int]:
    """What a session keeps under SEEN of a valid code shown before the log-in."""
    return {str(activity): int(clock.now().timestamp())}


def seen_before_login(session: Mapping, activity: int) -> bool:
    """Whether this browser showed a valid code before its owner logged in. It cannot be handed to somebody else."""
    at = session.get(SEEN, {}).get(str(activity), 0)
    return clock.now().timestamp() - at < LOGIN_SECONDS


def has_seen(ticket: str, session: Mapping, activity: int, person: int | None) -> bool:
    """Either of the two."""
    return holds(ticket, activity, person) or seen_before_login(session, activity)

"""全局搜索: organisations, people and activities by Chinese, pinyin or initials; only what the actor may see."""

from typing import Any

from django.db.models import Q

from gongjian.desks.activities import queries as activities
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import queries as people

LIMIT = 10
LONGEST = 100


def search(actor: Actor, text: str) -> dict[str, Any]:
    """At most LIMIT of each; nothing for an empty text. Three queries."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    found: dict[str, Any] = {"text": text, "orgs": [], "people": [], "activities": [], "count": 0}
    if not text:
        return found
    found["orgs"] = orgs.search(actor, text, limit=LIMIT)
    found["people"] = people.search(actor, text, limit=LIMIT)
    word = text.lower()
    kinds = [kind.id for kind in policy.current().activity_kinds if text in kind.title]
    match = (
        Q(title__icontains=text) | Q(place__icontains=text) | Q(kind__in=kinds) | Q(org__name__icontains=text)
        | Q(org__initials__startswith=word) | Q(org__pinyin__startswith=word.replace(" ", ""))
    )  # fmt: skip
    found["activities"] = list(
        activities.visible_to(actor).filter(match).select_related("org").order_by("-starts_at", "-id")[:LIMIT]
    )
    found["count"] = sum(len(found[name]) for name in ("orgs", "people", "activities"))
    return found

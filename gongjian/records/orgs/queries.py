"""Reads of organisations; every one knows who asks."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs import rules
from gongjian.records.orgs.models import Organisation, OrganisationVersion


def visible_to(actor: Actor, *, permission: str = "orgs.view", dissolved: bool = False) -> QuerySet[Organisation]:
    """Organisations over which the actor holds `permission`; dissolved ones only if asked for."""
    found = Organisation.objects.filter(scope_q(actor, permission))
    return found if dissolved else found.filter(dissolved_on__isnull=True)


def get_for(actor: Actor, ident: int | str, *, permission: str = "orgs.view", lock: bool = False) -> Organisation:
    """One organisation that the actor may see (dissolved ones too); NotFound otherwise.

    With `lock` the row is held until the transaction ends.
    """
    found = Organisation.objects.select_for_update(of=("self",)) if lock else Organisation.objects
    try:
        return found.select_related("parent", "territory").get(scope_q(actor, permission), pk=ident)
    except (Organisation.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这个组织，或者它不在您的可见范围内。") from None


def ancestors(org: Organisation) -> list[Organisation]:
    """From the root down to, not including, the organisation, along 隶属; one query."""
    ids = org.ancestor_ids
    by_id = Organisation.objects.in_bulk(ids)
    return [by_id[i] for i in ids if i in by_id]


def subtree(org: Organisation, *, line: str = "parent") -> QuerySet[Organisation]:
    """The organisation and all below it (alive), along 隶属 (`parent`) or 属地 (`territory`)."""
    field = "path" if line == "parent" else "territory_path"
    return Organisation.objects.filter(subtree_q(getattr(org, field), field=field), dissolved_on__isnull=True)


def children(org: Organisation) -> QuerySet[Organisation]:
    """Those directly below along 隶属, alive, by code."""
    return Organisation.objects.filter(parent=org, dissolved_on__isnull=True).order_by("code")


def history(org: Organisation) -> QuerySet[OrganisationVersion]:
    """Its versions, newest first."""
    return org.versions.select_related("parent", "territory").order_by("-valid_from")


def versions_on(day: dt.date) -> QuerySet[OrganisationVersion]:
    """Every organisation as it stood on a day."""
    return OrganisationVersion.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


def matches(text: str) -> Q:
    """Condition: name, code, pinyin or initials contain the text."""
    text = text.strip().lower()
    return (
        Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__istartswith=text)
        | Q(pinyin__contains=text.replace(" ", "")) | Q(initials__contains=text)
    )  # fmt: skip


def search(actor: Actor, text: str, *, limit: int = 20) -> list[Organisation]:
    """Visible organisations whose name, code, pinyin or initials contain the text; their parents come along."""
    if not text.strip():
        return []
    return list(visible_to(actor).filter(matches(text)).select_related("parent").order_by("path")[:limit])


class Node(NamedTuple):
    """某日组织树的一个节点: what it was called and where it stood on that day."""

    org: int
    parent: int | None
    name: str
    kind: str
    territory: int | None
    code: str
    depth: int
    below: int  # how many stood directly below it


def tree_as_of(day: dt.date, root: Organisation | int, *, depth: int | None = None) -> list[Node]:
    """The subtree of `root` along 隶属 as it stood on a day, depth first by code; one recursive query.

    Nothing if the root did not exist on that day. `depth` limits how far down (0: the root alone).
    """
    top = root if isinstance(root, int) else root.pk
    valid = "{0}.valid_from <= %(day)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(day)s)"
    deeper = "AND t.depth < %(depth)s" if depth is not None else ""
    sql = f"""
        WITH RECURSIVE tree(org_id, parent_id, name, kind, territory_id, code, depth, place) AS (
            SELECT v.org_id, v.parent_id, v.name, v.kind, v.territory_id, o.code, 0, CAST(o.code AS TEXT)
            FROM orgs_organisationversion v JOIN orgs_organisation o ON o.id = v.org_id
            WHERE v.org_id = %(root)s AND {valid.format("v")}
            UNION ALL
            SELECT v.org_id, v.parent_id, v.name, v.kind, v.territory_id, o.code, t.depth + 1,
                   t.place || '/' || CAST(o.code AS TEXT)
            FROM tree t JOIN orgs_organisationversion v ON v.parent_id = t.org_id
                 JOIN orgs_organisation o ON o.id = v.org_id
            WHERE {valid.format("v")} {deeper})
        SELECT t.org_id, t.parent_id, t.name, t.kind, t.territory_id, t.code, t.depth,
               (SELECT COUNT(*) FROM orgs_organisationversion b WHERE b.parent_id = t.org_id AND {valid.format("b")})
        FROM tree t ORDER BY t.place"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": day, "root": top, "depth": depth})
        return [Node(*row) for row in cursor.fetchall()]


def roots(actor: Actor, permission: str = "orgs.view") -> list[Organisation]:
    """The highest organisations that the actor sees, one for each scope along 隶属."""
    if actor.kind == "system":
        return list(Organisation.objects.filter(parent=None, dissolved_on__isnull=True).order_by("code"))
    paths = [scope.path for scope in actor.scopes(permission)]
    lines = Q(path__in=paths) | Q(territory_path__in=paths)
    return list(visible_to(actor, permission=permission).filter(lines).order_by("path"))


def line_of(org: Organisation, line: str = "parent") -> list[Organisation]:
    """From the root down to and with the organisation along one of its two lines; one query."""
    path = org.path if line == "parent" else org.territory_path
    ids = [int(part) for part in path.strip("/").split("/") if part]
    by_id = Organisation.objects.in_bulk(ids)
    return [by_id[i] for i in ids if i in by_id]


def sitting_here(org: Organisation) -> QuerySet[Organisation]:
    """Organisations of other lines that sit on this one's ground (驻区单位党组织)."""
    return Organisation.objects.filter(territory=org, dissolved_on__isnull=True).exclude(parent=org).order_by("code")


def size_of(org: Organisation, pack: Pack) -> rules.Size:
    """What the size rules look at. Below the number from which a committee is elected, a secretary and a deputy are
    no committee (支部工作条例: 不足7人设1名书记, 必要时设1名副书记)."""
    committee = org.committee_count
    described = next((kind for kind in pack.org_kinds if kind.id == org.kind), None)
    least = described.committee_from_formal if described else None
    if least and org.formal_count < least and committee <= 2:
        committee = 0
    joint = org.kind == "joint_committee"
    return rules.Size(
        kind=org.kind,
        level=org.parent.level if org.parent_id else "",
        formal_members=org.formal_count,
        all_members=org.member_count,
        committee_size=committee + (org.part_time_count if joint else 0),
        part_time_members=org.part_time_count if joint else None,
    )


def findings_of(org: Organisation, pack: Pack) -> list[rules.Finding]:
    """What the size rules say of an organisation today; nothing of a dissolved one."""
    return rules.size_findings(pack, size_of(org, pack)) if org.is_alive else []


def term_of(org: Organisation, day: dt.date, pack: Pack) -> rules.Term | None:
    """Its term on a day."""
    return rules.term_on(day, org.term_started_on, org.term_years, pack.settings.terms.remind_months_before)


def terms_ending(day: dt.date, pack: Pack) -> list[tuple[Organisation, rules.Term]]:
    """Living organisations whose term is over or ends within the pack's months of warning."""
    found = []
    candidates = Organisation.objects.filter(
        dissolved_on__isnull=True, term_started_on__isnull=False, term_years__isnull=False
    ).select_related("parent")
    for org in candidates.iterator(chunk_size=2000):
        term = term_of(org, day, pack)
        if term and term.state != "far":
            found.append((org, term))
    return found


def free_code(parent: Organisation | None, code: str) -> str:
    """A free code below a parent: the division code above it, the type's code of the pack, and a serial number."""
    line = line_of(parent) if parent else []
    prefix = next((org.division_code for org in reversed(line) if org.division_code), "") or (
        parent.code if parent else ""
    )
    stem = f"{prefix}{code}"
    taken = set(Organisation.objects.filter(code__startswith=stem).values_list("code", flat=True))
    number = 1
    while f"{stem}{number:03d}" in taken:
        number += 1
    return f"{stem}{number:03d}"


def by_code(actor: Actor, text: str, *, permission: str = "orgs.view") -> Organisation | None:
    """The living organisation that a text names: `code name` as the suggestions write it, a code, or a unique name."""
    text = text.strip()
    if not text:
        return None
    found = visible_to(actor, permission=permission)
    return (
        found.filter(code=text.split()[0]).first()
        or found.filter(code=text).first()
        or (found.get(name=text) if found.filter(name=text).count() == 1 else None)
    )


def names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, dissolved ones too."""
    return dict(Organisation.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def trades(actor: Actor) -> list[str]:
    """The trades that occur among the visible organisations."""
    found = visible_to(actor).exclude(trade="").order_by("trade").values_list("trade", flat=True).distinct()
    return list(found[:200])

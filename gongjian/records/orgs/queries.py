"""Reads of organisations; every one knows who asks."""

import datetime as dt

from django.db.models import Q, QuerySet

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
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


def search(actor: Actor, text: str, *, limit: int = 20) -> list[Organisation]:
    """Visible organisations whose name, code, pinyin or initials contain the text."""
    text = text.strip().lower()
    if not text:
        return []
    match = (
        Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__istartswith=text)
        | Q(pinyin__contains=text.replace(" ", "")) | Q(initials__contains=text)
    )  # fmt: skip
    return list(visible_to(actor).filter(match).order_by("path")[:limit])


def by_name_or_code(actor: Actor, text: str, permission: str = "orgs.view") -> Organisation:
    """The one living organisation in scope with this code or full name; Invalid says if there are none or several."""
    text = text.strip()
    found = list(visible_to(actor, permission=permission).filter(Q(code=text) | Q(name=text))[:2])
    if not found:
        raise Invalid(f"没有找到代码或全称为“{text}”的组织，或者它不在您的管理范围内。", field="org")
    if len(found) > 1:
        raise Invalid(f"有几个组织都叫“{text}”，请填组织代码。", field="org")
    return found[0]


def names(ids: list[int]) -> dict[int, str]:
    """Names of organisations by id, for showing what the caller already holds."""
    return dict(Organisation.objects.filter(pk__in=set(ids)).values_list("pk", "name"))

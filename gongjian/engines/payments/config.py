"""收款配置: named configurations with their secrets from the settings, and which of them an organisation uses."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from gongjian.engines.payments.models import Merchant
from gongjian.engines.payments.providers.base import Provider
from gongjian.engines.payments.providers.local import LocalProvider
from gongjian.ground.kernel.errors import NotFound
from gongjian.records.orgs.models import Organisation

# provider name in a configuration → its adapter
ADAPTERS: dict[str, type] = {"local": LocalProvider}


def configurations() -> Mapping[str, Mapping[str, Any]]:
    """All configurations by name."""
    return getattr(settings, "PAYMENTS", {})


def provider_of(name: str) -> Provider:
    """The adapter of a configuration; NotFound for a name that the settings do not have."""
    found = configurations().get(name)
    if not found or found.get("provider") not in ADAPTERS:
        raise NotFound(_("没有名为“%(name)s”的收款配置。") % {"name": name})
    return ADAPTERS[found["provider"]](found)


def name_for(org: Organisation, otherwise: str) -> str:
    """The configuration of an organisation: its own or the nearest above, else `otherwise`; "" if not set up."""
    ids = [*org.ancestor_ids, org.pk]
    rows = dict(Merchant.objects.filter(org__in=ids).values_list("org", "config"))
    name = next((rows[ident] for ident in reversed(ids) if ident in rows), otherwise)
    return name if name in configurations() else ""

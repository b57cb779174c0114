"""Who is told (收信人): officers whose post, by the pack, confers a role that may do what the notice asks for."""

import datetime as dt
from collections.abc import Iterable

from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people

ARRANGE, URGE = "activities.plan", "standards.remind"


def level_above(orgs: Iterable[Organisation], *, line: str, day: dt.date) -> dict[int, int]:
    """For each organisation the nearest one above it, along 隶属 or 属地, that has an officer who may urge.

    Where nobody above is in office, the one directly above. Nothing for the root.
    """
    paths = {
        org.pk: [int(part) for part in (org.path if line == "parent" else org.territory_path).strip("/").split("/")][
            :-1
        ]
        for org in orgs
    }
    above = people.officers_by_org({i for path in paths.values() for i in path}, URGE, day=day)
    found = {}
    for org, path in paths.items():
        if path:
            found[org] = next((i for i in reversed(path) if i in above), path[-1])
    return found

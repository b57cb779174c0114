"""演示登录: the accounts that a demo prints and shows; outside a demo there are none."""

from django.conf import settings

from gongjian.ground import policy
from gongjian.records.access.models import User

PASSWORD = "gongjian-demo-2026"
LOGINS = (
    "city", "district", "street", "community", "secretary", "member", "resident", "outsider", "auditor", "admin",
)  # fmt: skip


def demo_logins() -> list[dict[str, str]]:
    """What the log-in page of a demo shows: who one can be, with name, role and password."""
    if not settings.DEMO:
        return []
    known = User.objects.in_bulk(LOGINS, field_name="username")
    pack = policy.current()
    return [
        {"username": name, "password": PASSWORD, "name": pack.word(f"demo_{name}", name), "role": name}
        for name in LOGINS
        if name in known
    ]

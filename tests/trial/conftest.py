import pytest

from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.trial import actions, edits, queries


@pytest.fixture(autouse=True)
def fresh_packs():
    """Versions stored in a test are rolled back; the process must not remember them."""
    policy.forget()
    yield
    policy.forget()


@pytest.fixture
def organiser(cast, city):
    """A city organiser: may draft and try; the cast's `city` (市委书记) approves."""
    from gongjian.records.access import actions as access

    access.give(person=cast.colleague.person, role="city_clerk", org=city.root, by=SYSTEM, reason="测试")
    return cast.colleague


@pytest.fixture
def tune():
    """`tune(draft, "rules", "attend_theme_day", by, points="2")`: change some fields of an entry, as the form does."""

    def change(draft, part, ident, by=SYSTEM, **fields):
        values = {**queries.entry_of(draft, part, ident)["values"]}
        values |= {name.replace("__", "."): value for name, value in fields.items()}
        return actions.change(draft=draft, part=part, ident=ident, values=values, by=by)

    assert edits.FIELDS
    return change

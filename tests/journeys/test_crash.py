"""kill -9 in a burst of check-ins: what was acknowledged is there, once, and everything that follows from it agrees."""

import pytest

from tests import databases
from tests.journeys.town import Burst, Town

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]
CROWD = 2000


@pytest.fixture
def town(tmp_path, request):
    """An installation as it runs: embedded on SQLite, or server and worker on a PostgreSQL that waits for its disk."""
    if databases.KIND == "sqlite":
        installed = Town(tmp_path / "home", f"sqlite:///{tmp_path / 'town.sqlite3'}", worker=False)
    else:
        cluster = request.getfixturevalue("durable_postgres")
        installed = Town(tmp_path / "home", cluster.url(), worker=True)
    yield installed
    installed.close()


def test_kill_in_a_burst_of_check_ins(town):
    meeting = town.run("prepare", CROWD)
    members = meeting["members"]
    everyone = {member["person"] for member in members}
    assert len(everyone) == CROWD
    burst = Burst(town, meeting)

    town.start()
    burst.go(members, kill_after=700)
    first = set(burst.acknowledged)
    assert 700 <= len(first) < CROWD, "the kill must fall into the burst"
    assert not burst.refused

    town.start()
    left = [member for member in members if member["person"] not in burst.acknowledged]
    burst.go(left, kill_after=600)
    assert len(burst.acknowledged) < CROWD, "so must the second one"

    town.start()
    # Whoever got no answer tries again; some of them had been written down, and are told so without a second record.
    burst.go([member for member in members if member["person"] not in burst.acknowledged])
    assert not burst.refused
    assert burst.acknowledged == everyone

    behind = town.run("settle", 60)
    assert not any(behind.values()), behind
    seen = town.run("look", meeting["activity"])
    assert set(seen["present"]) == set(seen["facts"]) == everyone
    assert seen["told_twice"] == []
    assert seen["rounds"] == [1]

    # Asking again changes nothing.
    burst.go(members[:100])
    assert not burst.refused
    behind = town.run("settle", 30)
    assert not any(behind.values()), behind
    assert town.run("look", meeting["activity"]) == seen

    points = seen["points"]
    assert points["total"] == 0
    assert {int(person) for person, balance in points["ledger"].items() if balance > 0} == everyone
    assert len(set(points["ledger"].values())) == 1, "the same meeting is worth the same to everyone"
    year = [row for row in points["folded"]["Score"] if "person" in row and len(str(row)) and any(v == 1 for v in row)]
    assert len(points["folded"]["Score"]) >= CROWD, year[:3]

    town.kill()
    again = town.run("replay")
    assert again == points

    assert town.run("seal") > 2 * CROWD
    assert "完好" in town.gongjian("facts", "verify")

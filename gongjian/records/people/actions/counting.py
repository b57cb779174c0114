"""Counts that organisations carry of their people, kept set-wise by the deeds that change them."""

from collections.abc import Iterable

from django.db import connection

from gongjian.ground import policy
from gongjian.ground.kernel import clock

CHUNK = 500  # ids in one statement, far below either database's limit of parameters


def recount(orgs: Iterable[int]) -> None:
    """Count members, formal members, committee and part-time members of organisations anew, in one statement for many."""
    wanted = sorted(set(orgs))
    pack, today = policy.current(), clock.today()
    committee = [post.id for post in pack.posts if post.committee]
    part_time = [post.id for post in pack.posts if post.id == "part_time_member"]
    current = "org_id = orgs_organisation.id AND starts_on <= %s AND (ends_on IS NULL OR ends_on > %s)"

    def people(posts: list[str]) -> str:
        marks = ", ".join(["%s"] * len(posts)) or "NULL"
        return f"(SELECT COUNT(DISTINCT person_id) FROM people_appointment WHERE {current} AND post IN ({marks}))"

    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE orgs_organisation SET
                      member_count = (SELECT COUNT(*) FROM people_membership WHERE {current}),
                      formal_count = (SELECT COUNT(*) FROM people_membership WHERE {current} AND kind = 'formal'),
                      committee_count = {people(committee)}, part_time_count = {people(part_time)}
                    WHERE id IN ({", ".join(["%s"] * len(chunk))})""",
                [today, today, today, today, today, today, *committee, today, today, *part_time, *chunk],
            )

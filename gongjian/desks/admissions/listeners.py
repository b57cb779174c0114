"""组织关系转移以后: the file of a probationary member goes with the membership to the new branch."""

from gongjian.desks.admissions.models import Admission
from gongjian.desks.admissions.states import UNDER_WAY
from gongjian.engines.relay.relay import Listener
from gongjian.records.facts.stream import FactRow
from gongjian.records.people.models import Membership


class Following(Listener):
    """跟随组织关系: sets the branch to the present one, whatever the fact says, so that a replay changes nothing."""

    name = "admissions.following"
    title = "发展档案跟随组织关系"
    kinds = ("member.moved",)

    def handle(self, batch: list[FactRow]) -> None:
        """Let the files of those who moved follow them."""
        people = {fact.person for fact in batch if fact.person}
        files = Admission.objects.filter(person__in=people, state=UNDER_WAY, admitted_on__isnull=False)
        now = dict(
            Membership.objects.filter(person__in=files.values("person"), ends_on__isnull=True).values_list(
                "person", "org"
            )
        )
        for row in files:
            if now.get(row.person_id, row.org_id) != row.org_id:
                Admission.objects.filter(pk=row.pk).update(org_id=now[row.person_id])

    def reset(self) -> None:
        """Nothing is built from facts here: the branch is read from the membership."""

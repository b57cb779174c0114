"""Papers of a meeting: whoever sees it reads them, who plans it adds them; after the sign-off only who signs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.kernel.ref import Ref
from gongjian.records.files import actions as files
from gongjian.records.files import queries

pytestmark = pytest.mark.django_db


def paper(name: str = "学习材料.txt", text: str = "会前请阅读。") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.mark.parametrize("state", ["planned", "signed_off"])
def test_who_reads_and_who_adds(make, cast, state):
    activity = make(state)
    subject = Ref.of("activity", activity.pk)
    for who in (cast.member, cast.outsider, cast.neighbour, cast.resident, cast.auditor):
        assert not queries.may(who.actor, subject, change=True)
    assert queries.may(cast.secretary.actor, subject, change=True)
    assert queries.may(cast.member.actor, subject)
    assert not queries.may(cast.outsider.actor, subject)
    assert not queries.may(cast.secretary.actor, Ref.of("activity", "nonsense"))


def test_a_cancelled_meeting_takes_no_papers(make, cast):
    subject = Ref.of("activity", make("cancelled").pk)
    assert queries.may(cast.secretary.actor, subject)
    with pytest.raises(Forbidden):
        files.keep(by=cast.secretary.actor, upload=paper(), subject=subject)


def test_on_the_page(make, cast, queries):
    activity = make("notified")
    here = f"/activities/{activity.pk}/"
    assert "添加文件" in cast.secretary.client.get(here).content.decode()
    assert "添加文件" not in cast.member.client.get(here).content.decode()
    with queries(30):
        cast.secretary.client.get(here)

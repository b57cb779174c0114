"""Pages of organisations: deeds by form, search, export, and what a cadre of another district sees (nothing)."""

import datetime as dt

import pytest

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.orgs import actions
from gongjian.records.orgs.models import Organisation

pytestmark = pytest.mark.django_db
WORDS = ("榕荫", "柳岸", "第一中学", "T003", "T004", "T005")


def body(answer) -> str:
    return (
        b"".join(answer.streaming_content).decode("utf-8-sig", "replace")
        if answer.streaming
        else answer.content.decode()
    )


@pytest.mark.parametrize(
    "address",
    ["/orgs/", "/orgs/?q=榕荫", "/orgs/?q=ry", "/orgs/?q=T005", "/orgs/?state=all", "/orgs/?export=csv", "/orgs/tree/",
     "/orgs/suggest/?q=榕荫", "/orgs/suggest/?parent=T004", "/api/v1/organisations", "/api/v1/organisations?q=榕荫"],
)  # fmt: skip
def test_the_outsider_sees_nothing_in_lists(city, cast, clock, address):
    answer = cast.outsider.client.get(address)
    assert answer.status_code == 200
    asked = answer.wsgi_request.GET.get("q", "")
    said = body(answer).replace(asked, "") if asked else body(answer)  # a search box says again what was typed
    assert not [word for word in WORDS if word in said]
    assert cast.street.client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/orgs/{}/", "/orgs/{}/rename/", "/orgs/{}/merge/", "/orgs/tree/?root={}", "/orgs/branches/?root={}", "/orgs/new/?parent={}",
     "/api/v1/organisations/{}", "/api/v1/organisations/{}/tree", "/api/v1/organisations?below={}"],
)  # fmt: skip
def test_the_outsider_opens_nothing(city, cast, clock, address):
    for org in (city.street, city.branch, city.unit):
        answer = cast.outsider.client.get(address.format(org.pk))
        assert answer.status_code in (403, 404), address
        assert org.name not in answer.content.decode()


def test_counts_do_not_tell_the_outsider(city, cast, clock):
    mine = cast.outsider.client.get("/api/v1/organisations?limit=500").json()["items"]
    assert {org["id"] for org in mine} == {
        city.other_district.pk, city.other_street.pk, city.other_community.pk, city.other_branch.pk
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"), [("榕荫第二", True), ("rongyindier", True), ("rydewgdzb", True), ("T006", True), ("渡口", False)]
)
def test_search_by_chinese_pinyin_initials_and_code(city, cast, clock, text, found):
    said = body(cast.street.client.get("/orgs/", {"q": text, "export": "csv"}))
    assert ("榕荫第二网格党支部" in said) is found


def test_found_by_form(city, cast, clock):
    given = {
        "parent": f"{city.community.code} {city.community.name}", "kind": "branch", "name": "榕荫第四网格党支部",
        "on": "2026-11-01", "reason": "批复", "planned_formal": "2", "planned_members": "2",
    }  # fmt: skip
    client = cast.community.client
    answer = client.post(f"/orgs/new/?parent={city.community.pk}", given)
    assert answer.status_code == 200
    assert "3人以上" in answer.content.decode()
    given |= {"planned_formal": "40", "planned_members": "60"}
    answer = client.post(f"/orgs/new/?parent={city.community.pk}", given)
    assert "已知悉" in answer.content.decode()
    answer = client.post(f"/orgs/new/?parent={city.community.pk}", given | {"accept": "on"})
    made = Organisation.objects.get(name="榕荫第四网格党支部")
    assert answer["Location"] == f"/orgs/{made.pk}/"
    assert (made.parent_id, made.level, made.term_years) == (city.community.pk, "branch", 3)


def test_a_parent_out_of_scope_is_not_found(city, cast, clock):
    answer = cast.outsider.client.post(
        "/orgs/new/", {"parent": "T004", "kind": "branch", "name": "乙", "on": "2026-11-01"}
    )
    assert answer.status_code in (200, 403)
    assert not Organisation.objects.filter(name="乙").exists()


def test_every_deed_by_form(city, cast, clock):
    client = cast.street.client
    ok = {"on": "2026-11-02", "reason": "批复〔2026〕1号", "confirmed": "on"}
    assert client.post(f"/orgs/{city.branch.pk}/rename/", ok | {"name": "新名支部"}).status_code == 302
    assert client.post(f"/orgs/{city.branch.pk}/correct/", {"address": "榕荫路1号", "urban": "on"}).status_code == 302
    assert client.post(f"/orgs/{city.branch.pk}/term/", {"on": "2026-11-02", "years": "3"}).status_code == 302
    assert client.post(f"/orgs/{city.community.pk}/joint/", ok | {"name": "榕荫大党委兼职委员会"}).status_code == 302
    answer = client.post(
        f"/orgs/{city.branch.pk}/split/", ok | {"name": "分出支部", "members": [city.people["branch"][8].pk]}
    )
    assert answer.status_code == 302
    new = Organisation.objects.get(name="分出支部")
    assert new.member_count == 1
    assert client.post(f"/orgs/{new.pk}/merge/", ok | {"into": "T006"}).status_code == 302
    assert client.post(f"/orgs/{city.group.pk}/move/", ok | {"parent": "T006"}).status_code == 302
    assert (
        client.post(f"/orgs/{city.group.pk}/dissolve/", {"on": "2026-11-02", "reason": "批复"}).status_code == 200
    )  # no tick
    assert client.post(f"/orgs/{city.group.pk}/dissolve/", ok).status_code == 302
    city.refresh()
    assert (city.branch.name, city.branch.address, city.sister.member_count) == ("新名支部", "榕荫路1号", 4)
    assert city.group.dissolved_on == dt.date(2026, 11, 2)
    assert client.get(f"/orgs/{city.group.pk}/").status_code == 200
    assert client.get(f"/orgs/{city.group.pk}/rename/").status_code == 403


def test_a_refusal_stands_at_its_field(city, cast, clock):
    answer = cast.street.client.post(
        f"/orgs/{city.branch.pk}/merge/", {"on": "2026-11-02", "reason": "批", "confirmed": "on", "into": "T005"}
    )
    assert answer.status_code == 200
    assert "不能并入它自己" in answer.content.decode()


def test_pages_keep_their_budget(city, cast, clock, queries):
    client = cast.street.client
    for number in range(30):
        actions.found(
            by=SYSTEM, code=f"B{number:02d}", name=f"第{number}支部", kind="branch", level="branch", parent=city.community,
            on=dt.date(2026, 11, 1),
        )  # fmt: skip
    for address, most in (("/orgs/", 20), (f"/orgs/{city.community.pk}/", 38), ("/orgs/tree/", 22)):
        client.get(address)
        with queries(most):
            assert client.get(address).status_code == 200


def test_the_tree_of_another_day(city, cast, clock):
    client = cast.street.client
    actions.rename(org=city.sister, by=SYSTEM, name="今名支部", on=dt.date(2026, 11, 1))
    assert "今名支部" in client.get(f"/orgs/tree/?root={city.community.pk}").content.decode()
    then = client.get(f"/orgs/tree/?root={city.community.pk}&day=2026-10-31").content.decode()
    assert "榕荫第二网格党支部" in then
    assert "今名支部" not in then
    assert "还没有这个组织" in client.get(f"/orgs/tree/?root={city.community.pk}&day=2010-01-01").content.decode()
    assert client.get("/orgs/tree/?day=nonsense").status_code == 200


def test_a_member_sees_the_branch_and_no_members(city, cast, clock):
    said = cast.member.client.get(f"/orgs/{city.branch.pk}/").content.decode()
    assert "吴敏" not in said
    assert "办理" not in said
    assert cast.member.client.get(f"/orgs/{city.sister.pk}/").status_code == 404
    assert cast.resident.client.get("/orgs/").status_code == 403

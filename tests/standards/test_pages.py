"""Pages and API: who sees what, one button, budgets of statements."""

import datetime as dt

import pytest
from django.urls import reverse

from gongjian.appraisal.standards import queries as reads
from gongjian.appraisal.standards.models import Case, Standing
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.access import actions as access

pytestmark = pytest.mark.django_db
THEME = "theme_day_monthly"


@pytest.fixture
def swept(cast, city, diary, sweep):
    """Late November: the sister branch held its theme day, the others did nothing; October is short everywhere."""
    diary.hold(city.sister, "theme_day", "2026-11-10")
    sweep("2026-10-20 06:00")
    return sweep("2026-11-25 06:00")


def text(client, name: str, *args, **query) -> str:
    response = client.get(reverse(f"standards:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_secretary_begins_at_the_own_branch(cast, city, swept):
    response = cast.secretary.client.get(reverse("standards:overview"))
    assert response.status_code == 302
    assert response["Location"] == reverse("standards:org", args=[city.branch.pk])
    shown = text(cast.secretary.client, "org", city.branch.pk)
    assert "2026年11月还差 1 次，最晚 11月30日。" in shown
    assert "还有 5 天。" in shown
    assert "2026年10月还差 1 次，已经过期，请尽快补开。" in shown
    assert "一键督促" not in shown


def test_a_street_sees_who_falls_short_and_who_will(cast, city, swept):
    shown = text(cast.street.client, "under", city.street.pk)
    for name in (city.branch.name, city.sister.name, city.community.name):
        assert name in shown
    assert city.other_branch.name not in shown
    assert city.unit_branch.name not in shown, "belongs to the district, and the street's right runs along 隶属"
    only = text(cast.street.client, "under", city.street.pk, state="kept", duty=THEME, period="2026-11")
    assert reverse("standards:cell", args=[city.sister.pk, THEME, "2026-11"]) in only
    assert reverse("standards:cell", args=[city.branch.pk, THEME, "2026-11"]) not in only


def test_counts_below_add_up(cast, city, swept):
    found = reads.below(reads.visible_to(cast.district.actor).filter(reads.now_q(dt.date(2026, 11, 25))), city.district)
    children = {child.org.pk: child for child in reads.by_child(found, city.district)}
    assert set(children) == {city.street.pk, city.unit.pk}
    whole = reads.counts(found)
    for state in reads.STATES:
        assert sum(child.counts.get(state, 0) for child in children.values()) == whole[state]
    rows = found.filter(org__in=[city.branch, city.sister])
    assert children[city.street.pk].total == rows.count() > 0


def test_whoever_has_the_right_along_the_territory_sees_its_guests(cast, city, swept):
    """属地: the school's branch sits in the community and belongs to the district."""
    access.give(
        person=cast.colleague.person, role="community_clerk", org=city.community, line="territory", by=SYSTEM,
        on=dt.date(2026, 1, 1), reason="测试",
    )  # fmt: skip
    shown = text(cast.colleague.client, "under", city.community.pk)
    assert city.unit_branch.name in shown
    assert "坐落在此的驻区单位" in shown
    found = reads.below(reads.visible_to(cast.colleague.actor), city.community)
    children = reads.by_child(found, city.community)
    assert sum(child.total for child in children) == found.count()


def test_the_outsider_sees_nothing(cast, city, swept):
    row = Standing.objects.get(org=city.branch, duty=THEME, period="2026-11")
    client = cast.outsider.client
    for name, args in (
        ("under", [city.street.pk]),
        ("org", [city.branch.pk]),
        ("cell", [city.branch.pk, THEME, "2026-11"]),
    ):
        assert client.get(reverse(f"standards:{name}", args=args)).status_code == 404
    assert client.get(reverse("standards:panel_org"), {"org": city.branch.pk}).status_code == 404
    own = text(client, "under", city.other_district.pk, q=city.branch.name, state="all")
    assert f"/{city.branch.pk}/" not in own
    assert not reads.visible_to(cast.outsider.actor).filter(org=city.branch).exists()
    assert not reads.cases_visible_to(cast.outsider.actor).filter(org=city.branch).exists()
    assert (
        reads.attention(cast.outsider.actor)["counts"]["total"]
        == Standing.objects.filter(reads.now_q(dt.date(2026, 11, 25)), org=city.other_branch).count()
    )
    export = client.get(reverse("standards:under", args=[city.other_district.pk]), {"export": "csv"})
    assert city.branch.name not in b"".join(export.streaming_content if export.streaming else [export.content]).decode()
    assert client.post(reverse("standards:remind_org", args=[city.branch.pk])).status_code == 404
    client.post(reverse("standards:remind_listed", args=[city.other_district.pk]), {"query": ""})
    assert Case.objects.get(org=city.branch, duty=THEME, period="2026-11").urged == 0
    answer = client.post("/api/v1/standings/remind", {"standings": [row.pk]}, content_type="application/json")
    assert answer.status_code == 409
    listed = client.get("/api/v1/standings", {"limit": 500}).json()["items"]
    assert {item["org"] for item in listed} == {city.other_branch.pk}


@pytest.mark.parametrize("who", ["member", "resident"])
def test_members_and_residents_have_no_desk_here(cast, city, swept, who):
    client = getattr(cast, who).client
    for name, args in (("overview", []), ("duties", []), ("org", [city.branch.pk])):
        assert client.get(reverse(f"standards:{name}", args=args)).status_code == 403


def test_one_button_for_the_list(cast, city, swept):
    url = reverse("standards:remind_listed", args=[city.street.pk])
    cast.street.client.post(url, {"query": f"duty={THEME}&state=at_risk"}, follow=True)
    urged = Case.objects.filter(urged=1)
    assert set(urged.values_list("org", "duty", "period")) == {(city.branch.pk, THEME, "2026-11")}
    assert cast.secretary.client.post(url, {"query": ""}).status_code == 403
    assert cast.street.client.get(url).status_code == 405


def test_one_button_for_one_thing(cast, city, swept):
    url = reverse("standards:remind_org", args=[city.branch.pk])
    answer = cast.community.client.post(url, {"duty": THEME, "period": "2026-11"}, follow=True)
    assert "已督促 1 项" in answer.content.decode()
    again = cast.community.client.post(url, {"duty": THEME, "period": "2026-11"}, follow=True)
    assert "今天都已经督促过" in again.content.decode()
    shown = text(cast.community.client, "cell", city.branch.pk, THEME, "2026-11")
    assert "人工督促" in shown
    assert "自动提醒" in shown


def test_a_cell_opens_the_records_behind_it(cast, city, swept, diary, deliver):
    number = diary.plan(city.group, "group_meeting", "2026-11-20")
    diary.move(number, city.group, "group_meeting", "2026-11-22")
    diary.hold(city.group, "group_meeting", "2026-11-22", number=number)
    deliver()
    shown = text(cast.secretary.client, "cell", city.branch.pk, "group_meeting_monthly", "2026-11")
    assert "2026年11月22日" in shown
    assert city.group.name in shown
    assert shown.count("日期 2026-11-2") == 3, "planned, moved, signed off"
    assert "应到 9 人，实到 8 人" in shown


def test_the_catalogue_publishes_text_and_basis(cast, city, pack):
    shown = text(cast.secretary.client, "duties")
    for duty in pack.duties:
        assert duty.text in shown
        assert duty.basis in shown


def test_panels(cast, city, swept):
    own = text(cast.secretary.client, "panel_org", org=city.branch.pk)
    assert "主题党日" in own
    above = text(cast.street.client, "panel_org", org=city.community.pk)
    assert reverse("standards:under", args=[city.community.pk]) in above
    assert reads.summary(cast.secretary.actor, city.branch)["lacking"]
    assert cast.secretary.client.get(reverse("standards:panel_org"), {"org": "x"}).status_code == 404


def test_sweeping_by_hand(cast, city, swept):
    assert cast.street.client.post(reverse("standards:sweep")).status_code == 403
    assert cast.street.client.get(reverse("standards:sweep")).status_code in (403, 405)


def test_export_carries_words(cast, city, swept):
    answer = cast.street.client.get(reverse("standards:under", args=[city.street.pk]), {"export": "csv"})
    lines = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode("utf-8-sig")
    assert "组织,事项,周期,状态" in lines.replace('"', "")
    assert "预警" in lines
    assert "不达标" in lines


def test_the_api(cast, city, swept):
    client = cast.street.client
    page = client.get("/api/v1/standings", {"org": city.branch.pk, "state": ["short", "at_risk"], "limit": 2}).json()
    assert len(page["items"]) == 2
    assert page["next"]
    more = client.get(
        "/api/v1/standings", {"org": city.branch.pk, "state": ["short", "at_risk"], "cursor": page["next"]}
    )
    ids = [item["id"] for item in page["items"] + more.json()["items"]]
    assert len(ids) == len(set(ids)) == Standing.objects.filter(org=city.branch, state__in=("short", "at_risk")).count()
    cases = client.get("/api/v1/standings/cases", {"org": city.branch.pk}).json()["items"]
    assert {case["duty"] for case in cases} >= {THEME}
    done = client.post("/api/v1/standings/remind", {"standings": ids}, content_type="application/json").json()
    assert (done["urged"], done["already"]) == (len(ids), 0)
    assert len(client.get("/api/v1/standards/duties").json()) == 8
    assert client.get("/api/v1/standings", {"under": city.other_street.pk}).status_code == 404
    assert cast.member.client.get("/api/v1/standings").status_code == 403


@pytest.mark.parametrize(
    ("who", "name", "where", "most"),
    [("street", "under", "street", 34), ("secretary", "org", "branch", 30), ("city", "under", "root", 34)],
)
def test_pages_cost_few_statements(cast, city, swept, queries, who, name, where, most):
    client, args = getattr(cast, who).client, [getattr(city, where).pk]
    with queries(most):
        assert client.get(reverse(f"standards:{name}", args=args)).status_code == 200


def test_the_button_leads_to_the_plan(cast, city, swept):
    """去安排 and 去补开 hand the organisation, the kind and the period to be made good to the desk's form."""
    items = {
        (item.standing.duty, item.standing.period): item for item in reads.items(cast.secretary.actor, city.branch)
    }
    assert items[THEME, "2026-11"].plan_query == f"org={city.branch.pk}&kind=theme_day&on=2026-11-26"
    late = items[THEME, "2026-10"]
    assert "counts_for=2026-10" in late.plan_query
    plan = reverse("activities:plan")
    shown = text(cast.secretary.client, "org", city.branch.pk)
    assert f"{plan}?org={city.branch.pk}&amp;kind=theme_day" in shown
    assert "去补开" in shown
    assert cast.secretary.client.get(f"{plan}?{late.plan_query}").status_code == 200
    assert "去安排" not in text(cast.city.client, "org", city.branch.pk), "the city only looks"

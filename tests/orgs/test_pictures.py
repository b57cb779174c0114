"""Pictures of every page of the records, at a desk and on a phone; they are looked at, and each page answers."""

import datetime as dt

import pytest

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.facts import seal
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import actions as orgs
from gongjian.records.people import actions as people
from gongjian.records.places import actions as places
from gongjian.records.places.models import Place

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(city, cast, clock):
    """Something to look at: grids, an estate without an organisation, looks, a request, a merger, a term near its end."""
    orgs.correct(
        org=city.community, by=SYSTEM, division_code="450399001001", short_name="榕荫社区", address="榕荫路1号"
    )
    orgs.start_term(org=city.sister, by=SYSTEM, on=dt.date(2024, 4, 1), years=3)
    person = city.people["branch"][4]
    people.correct(
        person=person, by=cast.secretary.actor, phone="13800001234", address="东湖区榕荫路8号1单元502室", sex="1", ethnic="08",
        birth_date=dt.date(1980, 5, 6), education="21", work_unit="第一中学",
    )  # fmt: skip
    people.correct(person=cast.member.person, by=cast.secretary.actor, phone="13900005678", ethnic="01", education="31")
    people.unmask(person=cast.member.person, field="phone", purpose="核对转接材料", by=cast.secretary.actor)
    people.unmask(person=person, field="phone", purpose="通知参加党员大会", by=cast.secretary.actor)
    people.ask_correction(by=cast.member.actor, field="phone", wanted="应当是 139 开头的新号码，旧号码已停用。")
    city.refresh()
    grids = [
        places.add(
            by=SYSTEM,
            kind="grid",
            code=f"45039900100100{n}",
            name=f"第{'一二三'[n - 1]}网格",
            community=city.community,
            households=320 + n,
        )
        for n in (1, 2, 3)
    ]
    places.add(
        by=SYSTEM,
        kind="estate",
        code="450399001001001E001",
        name="榕荫小区",
        community=city.community,
        parent=grids[0],
        households=210,
    )
    places.cover(place=grids[0], organisation=city.branch, setup="alone", by=SYSTEM, on=dt.date(2026, 11, 1))
    places.cover(place=grids[1], organisation=city.sister, setup="joint", units=3, by=SYSTEM, on=dt.date(2026, 11, 1))
    orgs.rename(org=city.branch, by=SYSTEM, name="榕荫社区第一网格党支部", on=dt.date(2026, 10, 1), reason="网格调整")
    seal.seal()
    return city.refresh()


def test_pictures(scene, cast, browser_page, shot):
    city, other = scene, scene.people["branch"][4].pk
    fact = Fact.objects.get(kind="organisation.renamed").pk
    first = Place.objects.order_by("pk").first().pk
    desk = {
        "orgs-list": "/orgs/", "orgs-detail": f"/orgs/{city.branch.pk}/", "orgs-community": f"/orgs/{city.community.pk}/",
        "orgs-tree": f"/orgs/tree/?root={city.street.pk}", "orgs-found": f"/orgs/new/?parent={city.community.pk}",
        "orgs-merge": f"/orgs/{city.sister.pk}/merge/", "orgs-split": f"/orgs/{city.branch.pk}/split/",
        "people-list": "/people/", "people-detail": f"/people/{other}/", "people-register": "/people/new/",
        "people-export": "/people/export/", "people-requests": "/people/requests/", "people-look": f"/people/{other}/look/phone/",
        "people-appoint": f"/people/{other}/appoint/", "places-list": "/places/", "places-coverage": "/places/coverage/",
        "places-detail": f"/places/{first}/", "places-cover": f"/places/{first + 2}/cover/", "facts-list": "/facts/",
        "facts-org": f"/facts/organisation/{city.branch.pk}/",
        "facts-detail": f"/facts/{fact}/?prove", "orgs-joint": f"/orgs/{city.community.pk}/joint/", "people-me-desk": "/people/me/",
    }  # fmt: skip
    for width in (1440, 390):
        page = browser_page(width, as_=cast.street)
        for name, address in desk.items():
            answer = page.goto(address)
            assert answer.status == 200, address
            page.wait_for_load_state("networkidle")
            if name == "orgs-tree":
                page.click(".gj-tree-open")
                page.wait_for_selector(".gj-tree .gj-tree")
            shot(page, f"records-{name}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width}"
    page = browser_page(390, as_=cast.member)
    for name, address in {"people-me": "/people/me/", "people-ask": "/people/me/correct/"}.items():
        assert page.goto(address).status == 200
        shot(page, f"records-{name}-390")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name

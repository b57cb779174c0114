"""The story in a browser: from the application to formal member across two years, one shortcut refused at each stage."""

import datetime as dt

import pytest

from gongjian.desks.admissions.models import Admission
from gongjian.engines.publication.models import Publication
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.records.people import queries as people
from tests.admissions.conftest import given

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Walk:
    """Somebody at the desk who does one step after another; the log-in is renewed as the years go by."""

    def __init__(self, browser_page, cast, clock, pack, city) -> None:
        self.open, self.cast, self.clock, self.pack = browser_page, cast, clock, pack
        self.values = given(city, cast)
        self.pages = {}

    def at(self, day: dt.date) -> None:
        self.clock.set(f"{day} 10:00")
        for player in (self.cast.secretary, self.cast.street):
            player.__dict__.pop("client", None)
        for page in self.pages.values():
            page.context.close()
        self.pages = {}

    def page(self, who: str):
        if who not in self.pages:
            self.pages[who] = self.open(1440, as_=getattr(self.cast, who))
        return self.pages[who]

    @property
    def admission(self) -> Admission:
        return Admission.objects.select_related("person").get()

    @property
    def step(self):
        return self.pack.admissions.numbered(self.admission.step)

    def desk(self):
        step = self.step
        return self.page("secretary" if step is None or step.who == "branch" else "street")

    def fill(self, **more) -> None:
        """Fill the form of the next step with good values."""
        page, step = self.desk(), self.step
        page.goto(f"/admissions/{self.admission.pk}/step/")
        values = {**self.values.get(step.id, {}), **more}
        for field in step.fields:
            value = values.get(field.id)
            if value in (None, ""):
                continue
            if field.kind == "people":
                for box in page.locator(f"[name={field.id}]").all():
                    box.set_checked(int(box.get_attribute("value")) in value)
            elif field.kind == "choice":
                page.check(f"[name={field.id}][value={value}]")
            elif field.kind in ("person", "group"):
                page.select_option(f"[name={field.id}]", str(value))
            else:
                page.fill(f"[name={field.id}]", str(value))

    def press(self, word: str = "") -> None:
        """Press the button; with a word: it is refused and the page says why."""
        page = self.desk()
        page.click("text=办完这一步")
        if word:
            assert word in page.locator(".gj-errors").inner_text()
        else:
            page.wait_for_url(f"**/admissions/{self.admission.pk}/")

    def go(self, **more) -> None:
        self.fill(**more)
        self.press()

    def publish(self) -> None:
        page = self.page("secretary")
        page.goto(f"/admissions/{self.admission.pk}/")
        page.click("text=发布公示")
        page.wait_for_url("**/publication/*/")
        posted = Publication.objects.latest("pk")
        self.at(posted.ends_on + dt.timedelta(days=1))
        page = self.page("secretary")
        page.goto(f"/publication/{posted.pk}/")
        page.click("text=结束公示")
        page.wait_for_url(f"**/admissions/{self.admission.pk}/")

    def observe(self, day: dt.date) -> None:
        self.at(day)
        page = self.page("secretary")
        page.goto(f"/admissions/{self.admission.pk}/observe/")
        page.fill("[name=text]", "思想要求进步，工作踏实。")
        page.click("button:has-text('保存')")
        page.wait_for_url(f"**/admissions/{self.admission.pk}/")


def test_from_the_application_to_formal_member(city, cast, pack, clock, browser_page, shot):
    walk = Walk(browser_page, cast, clock, pack, city)
    walk.at(dt.date(2024, 9, 2))
    page = walk.page("secretary")
    # stage 1: nobody under eighteen
    page.goto("/admissions/new/")
    page.fill("[name=name]", "唐小苗")
    page.fill("[name=birth_date]", "2007-01-01")
    page.click("button:has-text('登记')")
    assert "不满 18 岁" in page.locator(".gj-errors").inner_text()
    page.fill("[name=birth_date]", "1998-05-06")
    page.click("button:has-text('登记')")
    page.wait_for_selector("text=党组织派人谈话")
    shot(page, "admissions-first-1440")
    walk.go()
    # stage 2: no activist by a committee that was not there; no filing without publication; contacts are one or two
    walk.fill(committee_present=1)
    walk.press("没有达到半数")
    walk.go()
    walk.fill()
    walk.press("还没有公示")
    walk.publish()
    walk.go()
    walk.fill(contacts=[person.pk for person in city.people["branch"][3:6]])
    walk.press("1 至 2 名")
    walk.go()
    since = kernel_clock.today()
    walk.fill()
    walk.press("要满 12 个月")
    walk.observe(kernel_clock.add_months(since, 4))
    walk.observe(kernel_clock.add_months(since, 10))
    # stage 3: a day before the year is full
    full = kernel_clock.add_months(dt.date(2024, 9, 2), 12)
    walk.at(full - dt.timedelta(days=1))
    walk.fill()
    walk.press("才满")
    walk.at(full)
    walk.go()
    walk.go()
    walk.publish()
    walk.go()
    walk.fill(introducers=[city.people["branch"][3].pk])
    walk.press("应有 2 名")
    walk.go()
    walk.go()
    walk.fill(days=2, hours=16)
    walk.press("不到 3 天")
    walk.go()
    shot(walk.page("secretary"), "admissions-candidate-1440")
    # stage 4: a vote that does not pass
    walk.go()
    walk.go()
    walk.go()
    walk.publish()
    walk.fill(yes=4, no=4)
    walk.press("没有通过")
    walk.go()
    met = kernel_clock.today()
    walk.go()
    walk.go()
    assert people.membership_of(walk.admission.person_id).kind == "probationary"
    walk.go()
    for _n in range(3):
        walk.go()
    # stage 5: not before the probation is full
    walk.go()
    walk.publish()
    walk.fill()
    walk.press("才满")
    walk.at(kernel_clock.add_months(met, 12))
    for _n in range(3):
        walk.go()
    page = walk.page("secretary")
    page.goto(f"/admissions/{walk.admission.pk}/")
    assert "二十五步全部办完" in page.content()
    shot(page, "admissions-done-1440")
    member = people.membership_of(walk.admission.person_id)
    assert (member.kind, member.formal_on) == ("formal", kernel_clock.add_months(met, 12))

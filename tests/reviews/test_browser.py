"""In a browser: an appraisal from the notice to one's own result, at a secretary's desk and on a member's phone."""

import pytest

from gongjian.desks.reviews.models import Review
from gongjian.engines.voting import actions as voting
from gongjian.records.access.queries import actor_of_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390, 1440])
def test_an_appraisal_from_start_to_result(city, cast, browser_page, shot, width):
    page = browser_page(width, as_=cast.secretary)
    member = browser_page(390, as_=cast.member, javascript=False)  # every step works without scripts
    page.goto("/reviews/")
    page.click("text=开始民主评议")
    shot(page, f"reviews-open-{width}")
    page.click("text=开始并通知党员")
    page.wait_for_url("**/reviews/*/")
    review = Review.objects.get()
    here = f"/reviews/{review.pk}/"
    member.goto(here + "self/")
    member.fill("[name=text]", "这一年按时参加组织生活，认领楼栋联系户，学习还不够系统。")
    member.click("text=合格 >> nth=0")
    member.click("text=交自评")
    shot(member, "reviews-peers-390")
    member.select_option("select >> nth=0", label="优秀")
    member.click("text=交互评")
    page.click("text=开始民主测评")
    review.refresh_from_db()
    shot(page, f"reviews-ballot-{width}")
    items = [item["id"] for item in review.poll.items]
    for person in city.people["branch"][:6]:
        voting.set_present(poll=review.poll, people=[person.pk], by=cast.secretary.actor)
        voting.cast(poll=review.poll, choices=dict.fromkeys(items, "qualified"), by=actor_of_person(person))
    voting.close_poll(poll=review.poll, by=cast.secretary.actor)
    page.goto(here)
    page.click("text=进入评定")
    for select in page.locator("select[name^=grade_]").all():
        select.select_option(label="合格")
    page.locator("select[name^=grade_]").first.select_option(label="优秀")
    shot(page, f"reviews-verdicts-{width}")
    page.click("text=评定并分别告知本人")
    page.wait_for_selector("text=请写明理由")
    page.locator("input[name^=reason_]").first.fill("全年带头服务群众")
    page.click("text=评定并分别告知本人")
    page.wait_for_url("**" + here)
    shot(page, f"reviews-closed-{width}")
    member.goto(here + "result/")
    member.click("text=我已看过")
    shot(member, "reviews-result-390")
    assert member.locator("text=我已看过").count() == 0

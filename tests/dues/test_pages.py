"""Each page for the cast, its budget of queries, the branch's month by HTTP alone, files, and what the outsider sees."""

import io

import openpyxl
import pypdf
import pytest

from gongjian.desks.dues import actions, money
from gongjian.desks.dues import queries as reads
from gongjian.desks.dues.models import Assessment, Charge, Movement, Payment, Relief
from gongjian.records.facts.models import Fact

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_month_on_one_screen(assessed, city, cast, queries):
    client, here = cast.secretary.client, f"/dues/{city.branch.pk}/month/2026-11/"
    assert client.get("/dues/").headers["Location"] == here
    with queries(30):
        page = text(client.get(here))
    assert page.count('name="person" value=') == 9
    assert "160.00" in page
    answer = client.post(here + "collect/", {"one": assessed[1].pk, "method": "cash", "scope": "month"}, follow=True)
    assert "已收 1 人，共 15.00 元，收据 2026-000001 起" in answer.content.decode()
    client.post(here + "collect/", {"person": [p.pk for p in assessed], "method": "cash", "scope": "late"})
    assert Payment.objects.count() == 10  # one had paid this month already, and now what was open before
    assert not Charge.objects.filter(payment__isnull=True).exists()
    first = Payment.objects.order_by("pk").first()
    answer = client.post(f"/dues/payments/{first.pk}/reverse/", {"reason": "登记有误", "back": here}, follow=True)
    assert "收据作废" in answer.content.decode()
    assert answer.redirect_chain[0][0] == here
    evil = client.post(f"/dues/payments/{first.pk}/reverse/", {"reason": "登记有误", "back": "https://evil.example/"})
    assert evil.headers["Location"].startswith("/dues/")
    assert "请先勾选" in client.post(here + "collect/", {"scope": "month"}, follow=True).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(here + "export/").streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 11
    assert rows[-1][0] == "合计"
    handed = client.post(f"/dues/{city.branch.pk}/hand-over/", follow=True).content.decode()
    assert "等上级确认" in handed
    move = Movement.objects.get()
    page = text(cast.community.client.get(f"/dues/movements/{move.pk}/"))
    assert "9 笔交纳" in page
    done = cast.community.client.post(f"/dues/movements/{move.pk}/confirm/", follow=True).content.decode()
    assert "2026-000001" in done
    assert "已列入上缴" in text(client.get(here))


def test_income_by_phone_and_its_confirmation(city, cast, clock):
    member, secretary = cast.member.client, cast.secretary.client
    assert "还没有核定" in text(member.get("/dues/mine/"))
    assert "实行年薪制" in text(member.get("/dues/mine/income/"))
    address = "/dues/mine/income/?category=institution"
    values = {"part_position_wage": "4000", "part_income_tax": "100.50", "starts": "2026-11", "note": ""}
    preview = text(member.post(address, {**values, "then": "preview"}))
    assert "每月 39.00 元" in preview
    assert not Assessment.objects.exists()
    wrong = text(member.post(address, {**values, "part_position_wage": "-5"}))
    assert "还不能保存" in wrong
    member.post(address, values)
    row = Assessment.objects.get()
    page = text(secretary.get(f"/dues/assessments/{row.pk}/"))
    assert "4000" not in page
    assert "4000.00" in text(secretary.post(f"/dues/assessments/{row.pk}/", {"do": "look"}))
    assert Fact.objects.filter(kind="dues.income_seen", person=cast.member.person.pk).count() == 1
    secretary.post(f"/dues/assessments/{row.pk}/", {"do": "confirm"})
    page = text(member.get("/dues/mine/"))
    assert "39.00" in page
    assert "为什么是这个数" in page
    member.post("/dues/mine/consent/", {"kind": "quarter", "reason": "常年出差"})
    assert "常年出差" in text(secretary.get("/dues/consents/"))
    assert "填报" in text(secretary.get(f"/dues/{city.branch.pk}/assessments/"))


def test_assessing_relief_and_finding_by_the_branch(assessed, city, cast, clock, queries):
    client, person = cast.secretary.client, cast.member.person
    base = f"/dues/{city.branch.pk}/people/{person.pk}/"
    with queries(30):
        assert "每月 15.00 元" in text(client.get(base))
    client.post(base + "assess/?category=retired", {"part_pension": "6000", "starts": "2026-11"})
    assert Charge.objects.get(person=person, month="2026-11").amount == 6000
    client.post(
        base + "relief/",
        {"starts": "2026-11", "ends": "2026-12", "amount": "0", "studied_on": "2026-11-10", "reason": "家庭困难"},
    )
    relief = Relief.objects.get()
    assert "家庭困难" in text(cast.community.client.get("/dues/reliefs/"))
    cast.community.client.post(f"/dues/reliefs/{relief.pk}/decide/", {"approve": "1"})
    assert Charge.objects.get(person=person, month="2026-11").amount == 0
    with queries(30):
        assert "9" in text(client.get(f"/dues/{city.branch.pk}/late/"))
    answer = client.post(base + "finding/", {"outcome": "reason", "text": "长期住院，正在联系"}, follow=True)
    assert "不会自动处理" in answer.content.decode()
    client.post(
        base + "collect/",
        {"months": ["2026-07", "2026-08"], "method": "cash", "paid_on": "2026-11-16", "through": "女儿"},
    )
    assert Payment.objects.get().through == "女儿"
    client.post(base + "give/", {"amount": "1000"})
    assert Payment.objects.filter(kind="large").count() == 1


def test_files_and_publication(assessed, city, cast, queries):
    by = cast.secretary.actor
    row = actions.collect(org=city.branch, wanted={cast.member.person.pk: ["2026-11"]}, by=by)[0]
    assert "2026-000001" in text(cast.member.client.get(f"/dues/receipts/{row.pk}/"))
    pdf = cast.member.client.get(f"/dues/receipts/{row.pk}/pdf/")
    assert pdf.status_code == 200
    told = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    assert "壹拾伍元整" in told
    assert "张伟" in told
    sheet = cast.secretary.client.get(f"/dues/{city.branch.pk}/month/2026-11/pdf/")
    told = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheet.content)).pages)
    assert "合计" in told
    assert "张伟" in told
    client = cast.secretary.client
    with queries(30):
        assert "15.00" in text(client.get(f"/dues/{city.branch.pk}/year/2026/"))
    client.post(f"/dues/{city.branch.pk}/year/2026/")
    page = text(cast.colleague.client.get("/dues/mine/"))
    number = page.split("/dues/announcements/")[1].split("/")[0]
    assert "收缴情况" in text(cast.colleague.client.get(f"/dues/announcements/{number}/"))
    assert cast.neighbour.client.get(f"/dues/announcements/{number}/").status_code == 404


def test_the_committee_sees_sums_and_no_incomes(assessed, city, cast, queries):
    client = cast.community.client
    here = client.get("/dues/").headers["Location"]
    with queries(30):
        page = text(client.get(here))
    assert "160.00" in page
    assert "张伟" not in page
    assert client.get(f"/dues/{city.branch.pk}/month/2026-11/").status_code == 403
    row = Assessment.objects.first()
    assert client.get(f"/dues/assessments/{row.pk}/").status_code == 403
    money_page = text(client.get(f"/dues/{city.community.pk}/movements/new/"))
    assert "账户结存 0.00" in money_page
    refused = text(client.post(
        f"/dues/{city.community.pk}/movements/new/",
        {"kind": "spend", "amount": "10", "use": "training", "on": "2026-11-16", "note": "培训"},
    ))  # fmt: skip
    assert "账上没有这么多" in refused


PAGES = ("month/2026-11/", "month/2026-11/export/", "month/2026-11/pdf/", "late/", "assessments/", "year/2026/", "overview/2026-11/",
         "movements/new/")  # fmt: skip


def test_the_outsider_sees_nothing(assessed, city, cast):
    person, branch = cast.member.person, city.branch
    paid = actions.collect(org=branch, wanted={person.pk: ["2026-11"]}, by=cast.secretary.actor)[0]
    row = Assessment.objects.filter(person=person).get()
    before = (Fact.objects.count(), money.balances_of(branch.pk))
    for outsider in (cast.outsider, cast.neighbour, cast.colleague, cast.resident):
        client = outsider.client
        for part in PAGES:
            assert client.get(f"/dues/{branch.pk}/{part}").status_code in (403, 404), (str(outsider), part)
        for address in (
            f"{branch.pk}/people/{person.pk}/", f"{branch.pk}/people/{person.pk}/assess/", f"assessments/{row.pk}/",
            f"receipts/{paid.pk}/", f"receipts/{paid.pk}/pdf/",
        ):  # fmt: skip
            assert client.get(f"/dues/{address}").status_code in (403, 404), (str(outsider), address)
        for address in (
            f"{branch.pk}/month/2026-11/collect/", f"payments/{paid.pk}/reverse/", f"{branch.pk}/hand-over/",
            f"assessments/{row.pk}/", f"{branch.pk}/people/{person.pk}/collect/", f"{branch.pk}/year/2026/",
            f"{branch.pk}/people/{person.pk}/give/", f"{branch.pk}/carry-over/",
        ):  # fmt: skip
            answer = client.post(f"/dues/{address}", {"reason": "试试", "do": "look", "one": person.pk, "amount": "5"})
            assert answer.status_code in (403, 404), (str(outsider), address)
    assert (Fact.objects.count(), money.balances_of(branch.pk)) == before


def test_nonsense_in_addresses(assessed, city, cast):
    client = cast.secretary.client
    for address in ("month/2026Q4/", "month/2026-13/", "month/1990-01/", "month/none/"):
        assert client.get(f"/dues/{city.branch.pk}/{address}").status_code == 404
    assert client.get("/dues/mine/income/?category=none").status_code == 200
    assert client.get(f"/dues/{city.branch.pk}/people/999999/").status_code == 404
    assert client.post("/dues/mine/pay/", {"months": ["nonsense", "2026-1"]}).status_code == 302


def test_the_api(assessed, city, cast):
    api = "/api/v1/dues"
    mine = cast.member.client.get(f"{api}/mine").json()
    assert (mine["monthly"], len(mine["charges"])) == (1500, 5)
    secretary = cast.secretary.client
    rows = secretary.get(f"{api}/branches/{city.branch.pk}/months/2026-11").json()
    assert len(rows) == 9
    body = {"org": city.branch.pk, "months": {str(assessed[1].pk): ["2026-11"]}}
    for _twice in range(2):
        answer = secretary.post(
            f"{api}/payments", body, content_type="application/json", headers={"Idempotency-Key": "k1"}
        )
        assert answer.status_code == 201
    assert Payment.objects.count() == 1
    listed = secretary.get(f"{api}/payments").json()["items"]
    assert listed[0]["receipt"] == "2026-000001"
    made = secretary.post(
        f"{api}/movements", {"kind": "hand_over", "org": city.branch.pk}, content_type="application/json"
    ).json()
    done = cast.community.client.post(f"{api}/movements/{made['id']}/confirm").json()
    assert done["state"] == "confirmed"
    assert cast.outsider.client.get(f"{api}/branches/{city.branch.pk}/months/2026-11").status_code in (403, 404)
    assert cast.outsider.client.get(f"{api}/movements").json()["items"] == []
    year = cast.community.client.get(f"{api}/organisations/{city.community.pk}/years/2026").json()
    assert year["sums"]["received_from_below"] == 1500
    wrong = secretary.post(f"{api}/payments", {"org": city.branch.pk, "months": []}, content_type="application/json")
    assert wrong.status_code == 422


def test_import_of_bases(city, cast, clock):
    from gongjian.desks.dues import sheets
    from gongjian.ground.sheets import read, write_xlsx

    by = cast.secretary.actor
    rows = [
        {"org_code": city.branch.code, "member": "张伟", "category": "企业和“两新”组织职工", "starts": "2026-11", "counted": 6200, "withheld": 700},
        {"org_code": city.branch.code, "member": "刘洋", "category": "学生党员", "starts": "2026-11"},
    ]  # fmt: skip
    found = read(io.BytesIO(write_xlsx(sheets.SHEET, rows)), sheets.SHEET).rows
    assert sheets.check(found, by=by) == []
    assert sheets.apply(found, by=by, batch="b1").created == 2
    assert sheets.apply(found, by=by, batch="b2").unchanged == 2
    assert reads.assessment_of(cast.member.person.pk, "2026-11").amount == 8250
    out = list(sheets.export(by, {}))
    assert {row["amount"] for row in out} == {"82.50", "0.20"}
    assert "counted" not in out[0]
    assert sheets.check(found, by=cast.neighbour.actor)
    assert list(sheets.export(cast.outsider.actor, {})) == []
    sheets.undo("b1", by=by)
    assert not Charge.objects.exists()

"""Each page for those who may see it, with its budget; 404 for all others; API beside the pages; two at once."""

import datetime as dt
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pypdf
import pytest
from django.db import connection
from PIL import Image

from gongjian.desks.admissions import actions
from gongjian.desks.admissions.models import Admission, StepRecord
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.access import actions as access
from gongjian.records.facts.models import Fact
from gongjian.records.files import actions as files

pytestmark = pytest.mark.django_db
OTHERS = ("outsider", "neighbour", "resident", "auditor", "admin", "city", "district", "colleague")


def again(player):
    """A new log-in: the old session ran out when the clock was moved."""
    player.__dict__.pop("client", None)
    return player.client


def client_of(person, name):
    from django.test import Client

    user = access.open_account(username=name, by=SYSTEM, person=person)
    client = Client()
    client.force_login(user)
    return client


def test_only_those_concerned_see_it(begin, cast, applicant, settings):
    settings.DEMO = True  # the auditor then needs no second factor
    file = begin()
    here = f"/admissions/{file.admission.pk}/"
    for name in OTHERS:
        client = getattr(cast, name).client
        for path in (here, here + "file.pdf", here + "step/", here + "observe/", here + "end/", here + "withdraw/"):
            answer = client.get(path)
            assert answer.status_code in (403, 404), (name, path)
            assert "唐小苗" not in answer.content.decode()
        listed = client.get("/admissions/")
        assert "唐小苗" not in listed.content.decode()
    for name in ("secretary", "community", "street"):
        assert "唐小苗" in getattr(cast, name).client.get(here).content.decode()
        assert "唐小苗" in getattr(cast, name).client.get("/admissions/").content.decode()


def test_what_the_applicant_sees(begin, applicant, queries):
    file = begin().bring("branch_check")
    client = client_of(applicant, "tang")
    here = f"/admissions/{file.admission.pk}/"
    assert client.get(here).headers["Location"] == "/admissions/mine/"
    with queries(30):
        page = client.get("/admissions/mine/").content.decode()
    assert "发展对象" in page
    assert "支部委员会审查" in page
    assert "2024-09-02" in page
    for secret in ("态度端正", "群众", "主要社会关系", "思想要求进步"):
        assert secret not in page, secret
    for path in ("step/", "withdraw/", "end/", "file.pdf", "observe/"):
        assert client.get(here + path).status_code in (403, 404)
    told = client.get("/people/me/").content.decode()
    assert "入党申请人" in told


def test_lists_of_people_do_not_tell_who_applies(begin, applicant, cast, settings):
    """People are managed by many; that somebody applies is for branch and committee only."""
    settings.DEMO = True
    begin()
    for name in ("city", "admin", "auditor", "district", "community"):
        client = getattr(cast, name).client
        for path in (f"/people/{applicant.pk}/", "/people/?q=tangxiaomiao", "/people/?q=唐小苗"):
            answer = client.get(path)
            assert "入党申请人" not in answer.content.decode(), (name, path)


def test_a_contact_sees_whom_he_accompanies_until_let_go(begin, cast):
    file = begin().bring("education")
    here = f"/admissions/{file.admission.pk}/"
    assert "唐小苗" in cast.member.client.get("/admissions/mine/").content.decode()
    assert cast.member.client.get(here).status_code == 200
    assert cast.member.client.post(
        here + "observe/", {"kind": "observation", "on": kernel_clock.today().isoformat(), "text": "按时汇报思想"}
    ).status_code == 302  # fmt: skip
    assert cast.member.client.get(here + "step/").status_code == 403
    actions.redo_step(
        admission=file.admission, step="contacts", on=kernel_clock.today(), by=cast.secretary.actor,
        values={"contacts": [cast.colleague.person.pk]},
    )  # fmt: skip
    assert cast.member.client.get(here).status_code == 404


def test_by_http_from_the_application_on(clock, city, cast, queries):
    client = cast.secretary.client
    assert client.get("/admissions/").status_code == 200
    with queries(30):
        assert "还没有入党申请" in client.get("/admissions/").content.decode()
    young = {
        "name": "莫小草",
        "birth_date": "2010-01-01",
        "on": "2026-11-16",
        "identity": "",
        "phone": "",
        "work_unit": "",
    }
    answer = client.post("/admissions/new/", young)
    assert answer.status_code == 409
    assert "不满 18 岁" in answer.content.decode()
    assert not Admission.objects.exists()
    assert "请填写身份证号" in client.post("/admissions/new/", {**young, "birth_date": ""}).content.decode()
    made = client.post("/admissions/new/", {**young, "birth_date": "2000-01-01"})
    admission = Admission.objects.get()
    here = f"/admissions/{admission.pk}/"
    assert made.headers["Location"] == here
    with queries(30):
        page = client.get(here).content.decode()
    for word in ("党组织派人谈话", "2026-12-16", "还有 30 天", "榕荫第一网格党支部", "材料归档"):
        assert word in page
    with queries(30):
        form = client.get(here + "step/").content.decode()
    assert "第七条" in form
    talk = {
        "on": "2026-11-16",
        "talker": cast.secretary.person.pk,
        "summary": "了解了基本情况",
        "reason": "",
        "evidence": "",
    }
    stale = client.post(here + "step/", {**talk, "step": "approval"})
    assert "不能跳过" in stale.content.decode()
    assert client.post(here + "step/", {**talk, "step": "talk"}).headers["Location"] == here
    assert (
        "已经办过"
        in client.post(
            here + "step/",
            {**talk, "step": "talk", "way": "members", "recommended": "x", "committee_due": 3, "committee_present": 3},
        ).content.decode()
    )
    assert client.get(here + "withdraw/").status_code == 200
    assert client.post(here + "withdraw/", {"reason": "谈话日期写错了"}).status_code == 302
    assert client.get(here + "move/").status_code == 200
    assert "没有找到这个党支部" in client.post(here + "move/", {"to": "X", "reason": "工作调动到外地"}).content.decode()
    assert client.post(here + "move/", {"to": "T006", "reason": "工作调动到二网格"}).status_code == 302
    assert cast.neighbour.client.get(here + "decline/").status_code == 200
    assert cast.neighbour.client.post(here + "accept/").status_code == 302
    assert client.get(here).status_code == 404
    ended = cast.neighbour.client.post(
        here + "end/", {"kind": "withdrew", "on": "2026-11-16", "reason": "本人撤回申请"}
    )
    assert ended.status_code == 302
    assert "本人撤回申请" in cast.neighbour.client.get(here).content.decode()


def test_publish_and_vote_by_http(begin, cast, clock):
    file = begin().bring("activist_filed")
    here = f"/admissions/{file.admission.pk}/"
    client = cast.secretary.client
    page = client.get(here).content.decode()
    assert "发布公示" in page
    assert "还没有公示" in page
    answer = client.post(here + "publish/")
    assert answer.headers["Location"].startswith("/publication/")
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "唐**" in shown
    assert "唐小苗" not in shown.split("gj-content")[1]
    assert "还不能办" in client.get(here).content.decode()
    assert cast.member.client.post(here + "publish/").status_code == 403
    clock.forward(days=15)
    client = again(cast.secretary)
    assert client.post(answer.headers["Location"] + "close/").headers["Location"] == here
    file.bring("branch_meeting")
    file.prepare()
    client = again(cast.secretary)
    assert client.post(here + "poll/").headers["Location"].startswith("/voting/")
    assert "还没有宣布结果" in client.post(
        here + "step/", {"on": kernel_clock.today().isoformat(), "step": "branch_meeting"}
    ).content.decode()  # fmt: skip


def test_the_list_filters_and_exports(begin, cast, clock):
    begin()
    clock.forward(days=60)
    client = cast.secretary.client
    page = client.get("/admissions/?when=overdue").content.decode()
    assert "唐小苗" in page
    assert "已逾期" in page
    for query in ("when=week", "when=early", "standing=formal", "stage=confirm", "state=ended"):
        assert "唐小苗" not in client.get(f"/admissions/?{query}").content.decode()
    for query in ("when=ready", "standing=applicant", "stage=apply", "q=tangxiaomiao"):
        assert "唐小苗" in client.get(f"/admissions/?{query}").content.decode()
    told = client.get("/admissions/?export=csv")
    assert "唐小苗" in (b"".join(told.streaming_content) if told.streaming else told.content).decode("utf-8-sig")


def test_the_pool_page(begin, cast, city, queries):
    begin().bring("contacts")
    client = cast.street.client
    client.get("/admissions/pool/")
    with queries(30):
        page = client.get("/admissions/pool/").content.decode()
    assert "本年度还没有分析" in page
    assert "榕荫第一网格党支部" in page
    assert "唐小苗" not in page
    year = kernel_clock.today().year
    assert client.post("/admissions/pool/", {"year": year, "text": "队伍结构合理，青年偏少。"}).status_code == 302
    assert "青年偏少" in client.get("/admissions/pool/").content.decode()
    assert cast.secretary.client.get("/admissions/pool/").status_code == 403


def test_the_file_as_pdf(begin, cast, clock, settings, tmp_path):
    settings.HOME = tmp_path
    file = begin().bring("candidate")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "PNG")
    upload = files.Given("谈话记录.png", picture.getvalue())
    files.keep(
        by=cast.secretary.actor, upload=upload, subject=Ref.of("admission", file.admission.pk), title="谈话记录扫描件"
    )
    body = cast.street.client.get(f"/admissions/{file.admission.pk}/file.pdf")
    assert body["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body.content)).pages)
    text = "".join(text.split())
    for word in ("唐小苗", "培养教育考察", "凭据清单", "谈话记录扫描件", "封存证明", "拟确定入党积极分子公示"):
        assert word in text, word
    assert not files.queries.may(cast.outsider.actor, Ref.of("admission", file.admission.pk))


def test_the_api(begin, cast, clock):
    file = begin()
    street, secretary = cast.street.client, cast.secretary.client
    here = f"/api/v1/admissions/{file.admission.pk}"
    assert secretary.get("/api/v1/admissions").json()["items"][0]["next_step"] == "talk"
    assert cast.outsider.client.get(here).status_code == 404
    talk = {
        "step": "talk",
        "on": "2024-09-02",
        "values": {"talker": cast.secretary.person.pk, "summary": "了解了基本情况"},
    }

    def post(client, path, data):
        return client.post(path, data, content_type="application/json")

    told = post(secretary, here + "/steps", {**talk, "step": "approval"})
    assert (told.status_code, "不能跳过" in told.json()["title"]) == (409, True)
    answer = post(secretary, here + "/steps", talk).json()
    assert [one["step"] for one in answer["steps"]] == ["application", "talk"]
    assert post(secretary, here + "/steps/withdraw", {"reason": "谈话人写错了"}).json()["next_step"] == "talk"
    seen = post(secretary, here + "/observations", {"on": "2024-09-02", "text": "工作积极，群众反映好"}).json()["id"]
    assert post(secretary, f"/api/v1/admission-observations/{seen}/withdraw", {}).status_code == 200
    assert post(secretary, here + "/publication", {}).status_code == 409
    assert post(secretary, here + "/poll", {}).status_code == 409
    assert post(secretary, here + "/steps/redo", {**talk}).status_code == 409
    assert post(secretary, here + "/move", {"to_code": "T006", "reason": "工作调动到二网格"}).status_code == 200
    assert post(cast.neighbour.client, here + "/decline", {"reason": "手续没有办完"}).status_code == 200
    assert post(secretary, here + "/move", {"to_code": "T006", "reason": "工作调动到二网格"}).status_code == 200
    assert post(cast.neighbour.client, here + "/accept", {}).json()["org"] != file.admission.org_id
    assert (
        post(cast.neighbour.client, here + "/end", {"kind": "withdrew", "reason": "本人撤回申请"}).json()["state"]
        == "ended"
    )
    made = post(secretary, "/api/v1/admissions", {
        "org": file.admission.org_id, "name": "莫小草", "birth_date": "2000-01-01", "on": "2024-09-02", "source": "api:9",
    })  # fmt: skip
    assert (made.status_code, made.json()["due_on"]) == (200, "2024-10-08")  # 2 October lies in the holiday
    review = post(street, "/api/v1/admission-pool-reviews", {
        "org": file.city.street.pk, "year": 2024, "text": "队伍结构合理，青年偏少。"})  # fmt: skip
    assert review.json()["counts"] == {"applicant": 1}
    assert len(street.get(f"/api/v1/admission-pool-reviews?org={file.city.street.pk}").json()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_step_by_two_at_once(begin, cast, city):
    file = begin()
    copies = [Admission.objects.get(pk=file.admission.pk) for _n in range(2)]
    actors = [cast.secretary.actor, cast.street.actor]
    values, ready = file.values["talk"], threading.Barrier(2)

    def run(pair):
        copy, actor = pair
        try:
            ready.wait(timeout=20)
            return actions.do_step(admission=copy, step="talk", on=dt.date(2024, 9, 2), values=values, by=actor)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, zip(copies, actors, strict=True)))
    assert sum(isinstance(one, Refused) for one in answers) == 1
    assert StepRecord.objects.filter(step="talk", state="done").count() == 1
    assert Fact.objects.filter(kind="admission.step_done").count() == 1
    file.admission.refresh_from_db()
    assert file.admission.step == 3

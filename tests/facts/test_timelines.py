"""Timelines, single facts, proofs and the command line; and who sees what."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection, transaction

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import NotFound
from gongjian.records import facts
from gongjian.records.facts import queries, seal, words
from gongjian.records.facts.cli import facts as command
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db


def test_who_sees_which_facts(city, cast, clock):
    member, mine = cast.member, Fact.objects.filter(person=cast.member.person.pk)
    assert set(queries.visible_to(member.actor)) == set(mine)
    assert not queries.visible_to(cast.outsider.actor).exclude(person=cast.outsider.person.pk).exists()
    seen = set(queries.visible_to(cast.secretary.actor).values_list("org", flat=True))
    assert city.branch.pk in seen
    assert city.sister.pk not in seen
    assert city.other_branch.pk not in seen
    assert queries.visible_to(SYSTEM).count() == Fact.objects.count()
    with pytest.raises(NotFound):
        queries.timeline(cast.outsider.actor, "organisation", city.branch.pk)
    with pytest.raises(NotFound):
        queries.timeline(cast.secretary.actor, "person", city.people["sister"][0].pk)
    with pytest.raises(NotFound):
        queries.timeline(cast.secretary.actor, "organisation", 10**30)
    assert queries.timeline(member.actor, "person", member.person.pk).exists()


@pytest.mark.parametrize(
    "address",
    ["/facts/organisation/{branch}/", "/facts/person/{person}/", "/facts/{fact}/", "/facts/{fact}/proof.json"],
)
def test_the_outsider_sees_nothing(city, cast, clock, address):
    fact = Fact.objects.filter(org=city.branch.pk).first()
    address = address.format(branch=city.branch.pk, person=city.people["branch"][5].pk, fact=fact.pk)
    for who in (cast.outsider, cast.resident):
        answer = who.client.get(address)
        assert answer.status_code in (403, 404)
        assert "榕荫" not in answer.content.decode()
    assert cast.secretary.client.get(address).status_code in (200, 409)


def test_filters_and_pages(city, cast, clock):
    client = cast.street.client
    said = client.get("/facts/?kind=organisation.founded").content.decode()
    assert "榕荫第一网格党支部" in said
    assert "共 5 条" in said
    assert "共 5 条" not in client.get("/facts/?since=2030-01-01").content.decode()
    assert client.get("/facts/?kind=nonsense&since=x").status_code == 200
    first = client.get("/facts/").content.decode()
    assert "下一页" in first
    rows = b"".join(client.get("/facts/?export=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == queries.visible_to(cast.street.actor).count() + 1


def test_data_in_words(city, cast, clock):
    row = people.appoint(
        person=city.people["sister"][1],
        org=city.sister,
        post="deputy_secretary",
        by=cast.community.actor,
        on=clock.now.date(),
    )
    fact = Fact.objects.get(kind="appointment.started", object_id=str(row.pk))
    (entry,) = words.entries([fact])
    assert (entry["title"], entry["who"]) == ("任职", "梁社")
    assert "职务：副书记" in entry["text"]
    assert "榕荫第二网格党支部" in entry["text"]
    founded = Fact.objects.get(kind="organisation.founded", org=city.branch.pk)
    assert ("隶属", "榕荫社区大党委") in words.columns(founded)
    assert ("类型", "党支部") in words.columns(founded)


def test_a_correction_names_what_it_corrects(city, cast, clock):
    fact = Fact.objects.get(kind="organisation.founded", org=city.branch.pk)
    with transaction.atomic():
        facts.record(
            "organisation.corrected", by=SYSTEM, org=city.branch.pk, data={"fields": ["name"]}, corrects=fact.pk
        )
    said = cast.street.client.get(f"/facts/{fact.pk}/").content.decode()
    assert "已被更正" in said
    later = Fact.objects.get(corrects=fact.pk)
    assert "它更正的事实" in cast.street.client.get(f"/facts/{later.pk}/").content.decode()


def test_a_fact_proves_itself(city, cast, clock):
    fact = Fact.objects.filter(org=city.branch.pk).order_by("id")[3]
    client = cast.street.client
    assert "待封存" in client.get(f"/facts/{fact.pk}/").content.decode()
    assert client.get(f"/facts/{fact.pk}/proof.json").status_code == 409
    made = seal.seal()
    assert "与封存一致" in client.get(f"/facts/{fact.pk}/?prove").content.decode()
    proof = json.loads(client.get(f"/facts/{fact.pk}/proof.json").content)
    import hashlib

    start = hashlib.sha256(b"\x00" + proof["fact"].encode()).digest()
    assert seal.follow(start, proof["path"]) == proof["root"] == made.root
    changed = hashlib.sha256(b"\x00" + proof["fact"].replace(city.branch.name, "别名").encode() + b" ").digest()
    assert seal.follow(changed, proof["path"]) != made.root
    assert client.get(f"/api/v1/facts/{fact.pk}/proof").json()["proof"]["root"] == made.root


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9, 31])
def test_every_leaf_leads_to_the_root(count):
    import hashlib

    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(count)]
    root = seal.merkle_root(leaves)
    for leaf, path in zip(leaves, seal.audit_paths(leaves), strict=True):
        assert seal.follow(leaf, path) == root
        assert count == 1 or seal.follow(b"\x00" * 32, path) != root


def test_command_line(city, clock, tmp_path):
    run = CliRunner()
    assert run.invoke(command, ["export", "2026-11-16"]).exit_code == 2
    assert run.invoke(command, ["seal"]).exit_code == 0
    assert "没有新的" in run.invoke(command, ["seal"]).output
    assert run.invoke(command, ["verify"]).exit_code == 0
    file = tmp_path / "day.jsonl"
    assert run.invoke(command, ["export", "2026-11-16", "-o", str(file)]).exit_code == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == Fact.objects.count() + 1
    assert run.invoke(command, ["check", str(file)]).exit_code == 0
    for spoiled in (
        file.read_text(encoding="utf-8").replace("榕荫第一网格", "榕荫第九网格", 1),
        "\n".join(lines[:-1]),
        "\n".join([lines[0].replace('"count":', '"count":1'), *lines[1:]]),
        "\n".join(lines) + "\n{",
    ):
        other = tmp_path / "spoiled.jsonl"
        other.write_text(spoiled, encoding="utf-8")
        assert run.invoke(command, ["check", str(other)]).exit_code == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_verify_finds_what_was_changed_behind_its_back(city):
    run = CliRunner()
    seal.seal()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'facts_fact_no_update'")
        (guard,) = cursor.fetchone()
        cursor.execute("DROP TRIGGER facts_fact_no_update")
        cursor.execute("UPDATE facts_fact SET quantity = 99 WHERE id = (SELECT MIN(id) FROM facts_fact)")
        cursor.execute(guard)
    answer = run.invoke(command, ["verify"])
    assert answer.exit_code == 1
    assert "不一致" in answer.output

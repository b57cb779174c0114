"""Proofs in files: what holds offline, and that one changed byte of a fact does not."""

import io
import json
import re
import zlib

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Invalid
from gongjian.records.facts import proof, seal
from gongjian.records.facts.cli import facts as command
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(city, cast, clock):
    """Two seals with a day between them, and one fact after both; the ids of a fact of each."""
    first = Fact.objects.filter(org=city.branch.pk).order_by("id").first().pk
    seal.seal()
    clock.forward(days=1)
    people.register(by=SYSTEM, org=city.branch, name="第二天登记")
    second = Fact.objects.latest("id").pk
    seal.seal()
    people.register(by=SYSTEM, org=city.branch, name="还没封存")
    return first, second, Fact.objects.latest("id").pk


def run(path, content: bytes, *options: str):
    path.write_bytes(content)
    return CliRunner().invoke(command, ["verify", str(path), *options])


def test_a_proof_says_what_is_sealed_and_when_the_rest_will_be(sealed, clock):
    made = proof.proof_of([*sealed, 10**9])
    assert [row.seal for row in made.rows] == [1, 2, None]
    assert (made.unsealed, str(made.sealed_by)) == (1, "2026-11-18")
    checked = proof.check_bundle(json.loads(made.attachment().content))
    assert (len(checked.facts), len(checked.seals), checked.faults, checked.unsealed) == (2, 2, [], 1)
    nothing = proof.proof_of([sealed[2]])
    assert (nothing.entries, nothing.seals, nothing.unsealed) == ([], [], 1)


def test_the_chain_between_two_seals_is_whole(sealed, city):
    people.register(by=SYSTEM, org=city.branch, name="第三次")
    seal.seal()
    third = Fact.objects.latest("id").pk
    made = proof.proof_of([sealed[0], third])
    assert [entry.number for entry in made.seals] == [1, 2, 3]
    assert [entry.number for entry in made.named_seals] == [1, 3]
    bundle = made.as_dict()
    del bundle["seals"][1]
    assert proof.check_bundle(bundle).faults


def test_any_changed_byte_of_a_fact_fails(sealed, tmp_path):
    """Flip each byte of the first fact's text in turn: none passes."""
    bundle = proof.proof_of(sealed[:1]).as_dict()
    text = bundle["facts"][0]["fact"].encode()
    for place in range(len(text)):
        changed = bytes([*text[:place], text[place] ^ 1, *text[place + 1 :]])
        said = changed.decode("utf-8", "surrogateescape")
        forged = {**bundle, "facts": [{**bundle["facts"][0], "fact": said}]}
        try:
            forged = json.loads(json.dumps(forged).encode())
            assert proof.check_bundle(forged).faults, place
        except UnicodeEncodeError:
            continue  # no text any more: cannot even be written


@pytest.mark.parametrize("key", ["root", "previous", "digest", "count", "first"])
def test_a_changed_seal_fails(sealed, key):
    bundle = proof.proof_of(sealed[:2]).as_dict()
    value = bundle["seals"][1][key]
    bundle["seals"][1][key] = value + 1 if isinstance(value, int) else ("0" if value[0] != "0" else "1") + value[1:]
    assert proof.check_bundle(bundle).faults


def test_a_pdf_is_checked_offline(sealed, cast, tmp_path):
    answer = cast.secretary.client.get(f"/facts/{sealed[0]}/proof.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    assert "封存证明" in reader.pages[0].extract_text()
    [inside] = reader.attachments[proof.FILE_NAME]
    digest = json.loads(inside)["seals"][0]["digest"]
    good = run(tmp_path / "a.pdf", answer.content)
    assert good.exit_code == 0, good.output
    assert digest in good.output
    assert run(tmp_path / "a.pdf", answer.content, "--digest", digest.upper()).exit_code == 0
    assert run(tmp_path / "a.pdf", answer.content, "--digest", "0" * 64).exit_code == 1
    assert run(tmp_path / "a.json", inside).exit_code == 0
    assert run(tmp_path / "b.json", inside.replace("榕荫".encode(), "溶荫".encode())).exit_code == 1


def _repacked(content: bytes, change) -> bytes:
    """The PDF with another attachment in place of its own, as a forger would put it there."""
    head = next(h for h in proof._EMBEDDED.finditer(content))
    unpack = zlib.decompressobj()
    text = unpack.decompress(content[head.end() :])
    tail = unpack.unused_data
    return content[: head.end()] + zlib.compress(change(text)) + tail


def test_one_flipped_byte_inside_the_pdf_fails(sealed, cast, tmp_path):
    content = cast.secretary.client.get(f"/facts/{sealed[0]}/proof.pdf").content

    def one_byte(text: bytes) -> bytes:
        place = re.search(rb'\\"at\\":\\"20', text).end()
        return text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]

    assert run(tmp_path / "same.pdf", _repacked(content, lambda text: text)).exit_code == 0
    forged = run(tmp_path / "forged.pdf", _repacked(content, one_byte))
    assert forged.exit_code == 1
    assert "不一致" in forged.output
    start = next(proof._EMBEDDED.finditer(content)).end()
    torn = bytearray(content)
    torn[start + 60] ^= 1  # in the packed bytes themselves
    assert run(tmp_path / "torn.pdf", bytes(torn)).exit_code == 1


def test_what_is_not_ours_is_named(tmp_path, sealed, cast):
    for content in (
        b"",
        b"%PDF-1.7 nothing",
        b"[1, 2]",
        b"{",
        b'{"format": "gongjian-proof/1"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ):
        done = run(tmp_path / "x", content)
        assert done.exit_code == 1, content[:20]
        assert "Traceback" not in done.output
        assert isinstance(done.exception, SystemExit)
    with pytest.raises(Invalid):
        proof.check_file(b"%PDF-1.7")
    unsealed = cast.secretary.client.get(f"/facts/{sealed[2]}/proof.pdf").content
    said = PdfReader(io.BytesIO(unsealed)).pages[0].extract_text()
    assert "还没有封存" in said
    assert run(tmp_path / "u.pdf", unsealed).exit_code == 1


def test_the_old_proof_of_one_fact_is_understood(sealed, cast, tmp_path):
    body = cast.secretary.client.get(f"/facts/{sealed[0]}/proof.json").content
    assert run(tmp_path / "one.json", body).exit_code == 0
    assert cast.outsider.client.get(f"/facts/{sealed[0]}/proof.pdf").status_code == 404


def test_many_facts_are_sealed_in_several_seals(city, cast, clock, monkeypatch):
    monkeypatch.setattr(seal, "AT_MOST", 10)
    total = Fact.objects.count()
    last = seal.seal()
    assert last.number == -(-total // 10)
    checked, faults = seal.verify()
    assert (checked, faults) == (total, [])
    assert {entry.count for entry in seal.Seal.objects.exclude(pk=last.pk)} == {10}
    made = proof.proof_of(Fact.objects.order_by("id").values_list("pk", flat=True)[:25])
    assert not proof.check_bundle(made.as_dict()).faults
    assert [entry.number for entry in made.named_seals] == [1, 2, 3]

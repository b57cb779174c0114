"""封存证明: some facts with their ways to the sealed roots and the chain of seals between, for files that leave the house.

What is proved: that these facts say what they said when they were sealed. A forger could make facts, roots and seals
anew; so whoever checks compares the seal's value (封存值) with the one that the organisation published or that a later
file carries. What is not proved: the words around the facts in a PDF. `gongjian facts verify` therefore prints the facts.
"""

import datetime as dt
import json
import re
import zlib
from collections.abc import Collection, Iterable
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.paper import Attachment
from gongjian.records.facts import words
from gongjian.records.facts.models import Fact, Seal, Stream
from gongjian.records.facts.seal import ALGORITHM, Fault, audit_paths, canonical, digest_of, follow, leaf, seal_dict
from gongjian.records.facts.stream import walk

FORMAT = "gongjian-proof/1"
FILE_NAME = "gongjian-proof.json"


class Row(NamedTuple):
    """证明中的一条: a fact as the page shows it, and the number of its seal (None: not sealed yet)."""

    id: int
    at: dt.datetime
    title: str
    seal: int | None


class Proof:
    """若干事实的封存证明: `rows` for the page, `as_dict()` for the file, `attachment()` for the PDF."""

    file_name = FILE_NAME

    def __init__(self, rows: list[Row], entries: list[dict], seals: list[Seal]) -> None:
        self.rows, self.entries, self.seals = rows, entries, seals

    @cached_property
    def named_seals(self) -> list[Seal]:
        """The seals under which these facts lie, without those that only link them."""
        numbers = {row.seal for row in self.rows}
        return [entry for entry in self.seals if entry.number in numbers]

    @property
    def unsealed(self) -> int:
        """How many of the facts are not sealed yet."""
        return sum(row.seal is None for row in self.rows)

    @property
    def sealed_by(self) -> dt.date:
        """The day on whose early morning what is open now will be sealed (the job facts.seal)."""
        return clock.today() + dt.timedelta(days=1)

    def as_dict(self) -> dict[str, Any]:
        """What the file carries; `gongjian facts verify FILE` reads it."""
        return {
            "format": FORMAT, "algorithm": ALGORITHM, "made_at": clock.now().isoformat(timespec="seconds"),
            "facts": self.entries, "seals": [seal_dict(entry) for entry in self.seals],
            "unsealed": [row.id for row in self.rows if row.seal is None],
        }  # fmt: skip

    def attachment(self) -> Attachment:
        """The file that travels inside a PDF."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1)
        return Attachment(FILE_NAME, text.encode(), "封存证明，用 gongjian facts verify 核验")


def proof_of(fact_ids: Iterable[int]) -> Proof:
    """The proof of these facts, as they were recorded; unknown ids are left out. The caller has made sure that the reader may see them.

    Reads all facts of each seal that is touched, at most `seal.AT_MOST` each; three queries besides.
    """
    found = list(Fact.objects.filter(pk__in=set(fact_ids)).order_by("pk"))
    numbers = dict(Stream.objects.filter(fact__in=[fact.pk for fact in found]).values_list("fact", "seq"))
    wanted = sorted(numbers.values())
    seals = (
        list(Seal.objects.filter(last_seq__gte=wanted[0], first_seq__lte=wanted[-1]).order_by("number"))
        if wanted
        else []
    )
    seal_by_fact: dict[int, int] = {}
    entries = []
    for entry in seals:
        here = {seq for seq in wanted if entry.first_seq <= seq <= entry.last_seq}
        if not here:
            continue
        rows = list(walk(entry.first_seq, entry.last_seq))
        leaves = [leaf(row) for row in rows]
        for place, path in zip(
            (places := [n for n, row in enumerate(rows) if row.seq in here]), audit_paths(leaves, places), strict=True
        ):
            seal_by_fact[rows[place].id] = entry.number
            entries.append({
                "fact": canonical(rows[place]).decode(), "path": [list(step) for step in path], "seal": entry.number,
            })  # fmt: skip
    if not entries:
        seals = []
    shown = [Row(fact.pk, fact.at, words.kind_title(fact.kind), seal_by_fact.get(fact.pk)) for fact in found]
    return Proof(shown, entries, _between(seals, set(seal_by_fact.values())))


def _between(seals: list[Seal], used: Collection[int]) -> list[Seal]:
    """The chain from the first seal that is used to the last, without a gap."""
    return [entry for entry in seals if used and min(used) <= entry.number <= max(used)]


# --- checking, without a database -------------------------------------------------------------------------------
class Checked(NamedTuple):
    """核验结果: the facts that stand, the seals to compare with what was published, and what is wrong."""

    facts: list[dict]
    seals: list[dict]
    faults: list[Fault]
    unsealed: int


def check_bundle(bundle: Any) -> Checked:
    """Check a proof file's content offline; anything that is not as it should be is a fault."""
    faults: list[Fault] = []
    good: list[dict] = []
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        return Checked([], [], [Fault(0, "不是封存证明文件，或者格式标记被改动")], 0)
    try:
        sealed: dict[int, dict] = {}
        previous = None
        for entry in bundle["seals"]:
            number = entry["number"]
            day = dt.date.fromisoformat(entry["day"])
            value = digest_of(
                number, day, entry["first"], entry["last"], entry["count"], entry["root"], entry["previous"]
            )
            if value != entry["digest"]:
                faults.append(Fault(number, f"第 {number} 号封存记录本身被改动"))
            if previous and (entry["previous"] != previous["digest"] or number != previous["number"] + 1):
                faults.append(Fault(number, f"第 {number} 号封存与上一封存不相衔接"))
            sealed[number] = previous = entry
        for place, item in enumerate(bundle["facts"], start=1):
            text, number = item["fact"], item["seal"]
            fact = json.loads(text)
            start = sha256(b"\x00" + text.encode()).digest()
            if follow(start, item["path"]) != sealed[number]["root"]:
                faults.append(Fault(number, f"第 {place} 条事实（#{fact['id']}）的内容与封存时不一致"))
            elif not sealed[number]["first"] <= fact["seq"] <= sealed[number]["last"]:
                faults.append(Fault(number, f"第 {place} 条事实（#{fact['id']}）不在所说的封存里"))
            else:
                good.append(fact)
        used = {item["seal"] for item in bundle["facts"]}
        return Checked(
            good, [entry for entry in bundle["seals"] if entry["number"] in used], faults, len(bundle["unsealed"])
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Checked(good, [], [*faults, Fault(0, "读不出来，文件可能被改动或截断")], 0)


_EMBEDDED = re.compile(rb"<<(?:[^<>]|<<[^<>]*>>|<[0-9A-Fa-f]*>)*?/EmbeddedFile\b.*?>>\s*stream\r?\n", re.DOTALL)


def read_pdf(content: bytes) -> bytes:
    """The proof file inside a PDF of ours. Raises Invalid if there is none, or if its bytes do not unpack.

    Only what we need of the format: the streams that call themselves embedded files, packed (FlateDecode) or plain.
    """
    damaged = False
    for head in _EMBEDDED.finditer(content):
        packed = content[head.end() :]
        if b"/FlateDecode" in head[0]:
            unpack = zlib.decompressobj()
            try:
                text = unpack.decompress(packed, 64 << 20)  # a bomb stops at 64 MB
            except zlib.error:
                damaged = True
                continue
            if not unpack.eof:
                damaged = True
                continue
        else:
            text = packed[: packed.find(b"endstream")].rstrip(b"\r\n")
        if FORMAT.encode() in text[:200]:
            return text
    if damaged:
        raise Invalid("PDF 里附的文件已损坏，读不出来。")
    raise Invalid("这份 PDF 里没有封存证明。")


def check_file(content: bytes) -> Checked:
    """Check a PDF of ours, a proof file, or the proof of one fact (`fact-…-proof.json`). Raises Invalid if it is neither."""
    if content[:5] == b"%PDF-":
        content = read_pdf(content)
    try:
        bundle = json.loads(content)
    except (ValueError, RecursionError):
        raise Invalid("读不出来：文件应是本系统出具的 PDF 或证明文件（JSON）。") from None
    if isinstance(bundle, dict) and "format" not in bundle and {"fact", "path", "seal"} <= set(bundle):
        entry = bundle["seal"]
        number = entry.get("number") if isinstance(entry, dict) else None
        bundle = {"format": FORMAT, "seals": [entry], "unsealed": [],
                  "facts": [{"fact": bundle["fact"], "path": bundle["path"], "seal": number}]}  # fmt: skip
    return check_bundle(bundle)

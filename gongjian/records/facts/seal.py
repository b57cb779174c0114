"""封存: facts under Merkle roots, the roots in a chain; a changed, missing or added fact shows.

A leaf is SHA-256 over 0x00 and the fact's canonical text; a node is SHA-256 over 0x01 and its two children; an odd
node moves up unchanged (as in RFC 6962). Only the standard library, so that an outsider can check with twenty lines.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import transaction

from gongjian.ground.kernel import clock
from gongjian.records.facts.models import Numbering, Seal
from gongjian.records.facts.stream import FactRow, last_number, number_pending, walk

GENESIS = "0" * 64


class Fault(NamedTuple):
    """封存核验发现的问题: the seal's number, and what is wrong."""

    seal: int
    message: str


def canonical(fact: FactRow) -> bytes:
    """The one text of a fact: JSON with sorted keys, times in UTC with microseconds."""
    values = fact._asdict()
    for key in ("at", "recorded_at"):
        values[key] = values[key].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf(fact: FactRow) -> bytes:
    """The leaf hash of a fact."""
    return hashlib.sha256(b"\x00" + canonical(fact)).digest()


def merkle_root(leaves: Iterable[bytes]) -> str:
    """The root over leaf hashes, as 64 hexadecimal characters; of nothing: the hash of nothing."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex()


def digest_of(number: int, day: dt.date, first: int, last: int, count: int, root: str, previous: str) -> str:
    """The value that the next seal is chained to."""
    return hashlib.sha256(f"{number}|{day}|{first}|{last}|{count}|{root}|{previous}".encode()).hexdigest()


def audit_paths(leaves: list[bytes], of: Iterable[int] | None = None) -> list[list[tuple[str, str]]]:
    """For each leaf (or for those at the places `of`, in that order) the steps from it to the root: (side of the
    neighbour, `left` or `right`; its hash)."""
    level, places = list(leaves), list(range(len(leaves))) if of is None else list(of)
    paths: list[list[tuple[str, str]]] = [[] for _place in places]
    while len(level) > 1:
        for number, place in enumerate(places):
            neighbour = place ^ 1
            if neighbour < len(level):
                paths[number].append(("left" if neighbour < place else "right", level[neighbour].hex()))
            places[number] = place // 2
        paired = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return paths


def follow(start: bytes, path: Iterable[Iterable[str]]) -> str:
    """The root that a leaf hash and its path lead to."""
    node = start
    for side, neighbour in path:
        other = bytes.fromhex(neighbour)
        node = hashlib.sha256(b"\x01" + (other + node if side == "left" else node + other)).digest()
    return node.hex()


class Proof(NamedTuple):
    """一条事实的封存证明: its canonical text, the way to the root, and whether the root is the sealed one."""

    text: str
    path: list[tuple[str, str]]
    seal: Seal
    holds: bool

    def as_dict(self) -> dict:
        """What a file carries, so that an outsider can check it without us."""
        return {
            "fact": self.text, "path": [list(step) for step in self.path], "root": self.seal.root,
            "seal": seal_dict(self.seal), "algorithm": ALGORITHM,
        }  # fmt: skip


ALGORITHM = "sha256; leaf = H(0x00 || fact); node = H(0x01 || left || right); an odd node moves up unchanged"


def seal_dict(entry: Seal) -> dict:
    """A seal's values as texts and numbers."""
    return {
        "number": entry.number, "day": entry.day.isoformat(), "first": entry.first_seq, "last": entry.last_seq,
        "count": entry.count, "root": entry.root, "previous": entry.previous, "digest": entry.digest,
    }  # fmt: skip


def prove(number: int, entry: Seal) -> Proof:
    """The proof for the fact with this number in the stream under its seal; reads all facts of the seal."""
    rows = list(walk(entry.first_seq, entry.last_seq))
    leaves = [leaf(row) for row in rows]
    place = next(i for i, row in enumerate(rows) if row.seq == number)
    path = audit_paths(leaves, [place])[0]
    text = canonical(rows[place]).decode()
    return Proof(text, path, entry, follow(leaves[place], path) == entry.root)


def export_day(day: dt.date) -> Iterator[dict]:
    """The seals of a day and their facts, each with its proof: what `gongjian facts export` writes line by line."""
    for entry in Seal.objects.filter(day=day).order_by("number"):
        yield {"seal": seal_dict(entry), "algorithm": ALGORITHM}
        rows = list(walk(entry.first_seq, entry.last_seq))
        for row, path in zip(rows, audit_paths([leaf(row) for row in rows]), strict=True):
            yield {"fact": canonical(row).decode(), "path": [list(step) for step in path], "number": entry.number}


def check_export(lines: Iterable[str]) -> tuple[int, list[Fault]]:
    """Check an exported file without any database: (facts checked, what is wrong)."""
    faults: list[Fault] = []
    sealed: dict[int, dict] = {}
    seen: dict[int, int] = {}
    previous: dict | None = None
    for at, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            if "seal" in row:
                entry = row["seal"]
                sealed[entry["number"]], seen[entry["number"]] = entry, 0
                day = dt.date.fromisoformat(entry["day"])
                if entry["digest"] != digest_of(
                    entry["number"],
                    day,
                    entry["first"],
                    entry["last"],
                    entry["count"],
                    entry["root"],
                    entry["previous"],
                ):
                    faults.append(Fault(entry["number"], f"第 {at} 行：封存记录本身被改动"))
                if previous and entry["previous"] != previous["digest"]:
                    faults.append(Fault(entry["number"], f"第 {at} 行：与上一封存不相衔接"))
                previous = entry
                continue
            number = row["number"]
            seen[number] += 1
            start = hashlib.sha256(b"\x00" + row["fact"].encode()).digest()
            if follow(start, row["path"]) != sealed[number]["root"]:
                faults.append(Fault(number, f"第 {at} 行：事实内容与封存时不一致"))
        except (ValueError, KeyError, TypeError):
            faults.append(Fault(0, f"第 {at} 行：读不出来，文件可能被改动或截断"))
    for number, entry in sealed.items():
        if seen[number] != entry["count"]:
            faults.append(Fault(number, f"应有 {entry['count']} 条事实，文件中有 {seen[number]} 条"))
    return sum(seen.values()), faults


# A proof reads all facts of its seal: with many in one it would take seconds (a city's first year: a hundred thousand).
AT_MOST = 5_000


@transaction.atomic
def seal(*, day: dt.date | None = None) -> Seal | None:
    """Seal all facts numbered since the last seal, under `day` (default today), in seals of at most AT_MOST facts.

    Returns the last of these seals, None if there was nothing to seal.
    """
    while number_pending():
        pass
    Numbering.objects.select_for_update().get(id=1)
    made = Seal.objects.order_by("-number").first()
    first, last = (made.last_seq + 1 if made else 1), last_number()
    if last < first:
        return None
    day = day or clock.today()
    leaves: list[bytes] = []

    def close(upto: int) -> Seal:
        number, previous = (made.number + 1, made.digest) if made else (1, GENESIS)
        root = merkle_root(leaves)
        return Seal.objects.create(
            number=number, day=day, first_seq=first, last_seq=upto, count=len(leaves), root=root, previous=previous,
            digest=digest_of(number, day, first, upto, len(leaves), root, previous), sealed_at=clock.now(),
        )  # fmt: skip

    for fact in walk(first, last):
        if len(leaves) == AT_MOST:
            made = close(fact.seq - 1)
            first = fact.seq
            leaves.clear()
        leaves.append(leaf(fact))
    return close(last)


def verify() -> tuple[int, list[Fault]]:
    """Recompute the whole chain; returns the number of facts under seal and what is wrong (nothing: an empty list)."""
    faults: list[Fault] = []
    previous, next_seq, checked = GENESIS, 1, 0
    for number, entry in enumerate(Seal.objects.order_by("number").iterator(), start=1):
        if entry.number != number:
            faults.append(Fault(number, f"缺少第 {number} 号封存"))
            break
        if entry.previous != previous:
            faults.append(Fault(number, "与上一封存不相衔接"))
        if entry.first_seq != next_seq:
            faults.append(Fault(number, f"应从第 {next_seq} 条事实起，实为第 {entry.first_seq} 条"))
        leaves = [leaf(fact) for fact in walk(entry.first_seq, entry.last_seq)]
        if len(leaves) != entry.count:
            faults.append(Fault(number, f"应有 {entry.count} 条事实，现有 {len(leaves)} 条"))
        if merkle_root(leaves) != entry.root:
            faults.append(Fault(number, "事实内容与封存时不一致"))
        if entry.digest != digest_of(
            number, entry.day, entry.first_seq, entry.last_seq, entry.count, entry.root, entry.previous
        ):
            faults.append(Fault(number, "封存记录本身被改动"))
        previous, next_seq, checked = entry.digest, entry.last_seq + 1, checked + len(leaves)
    return checked, faults

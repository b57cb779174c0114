"""封存: facts under Merkle roots, the roots in a chain; a changed, missing or added fact shows.

A leaf is SHA-256 over 0x00 and the fact's canonical text; a node is SHA-256 over 0x01 and its two children; an odd
node moves up unchanged (as in RFC 6962). Only the standard library, so that an outsider can check with twenty lines.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
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


@transaction.atomic
def seal(*, day: dt.date | None = None) -> Seal | None:
    """Seal all facts numbered since the last seal, under `day` (default today); None if there are none."""
    while number_pending():
        pass
    Numbering.objects.select_for_update().get(id=1)
    before = Seal.objects.order_by("-number").first()
    first, last = (before.last_seq + 1 if before else 1), last_number()
    if last < first:
        return None
    leaves = [leaf(fact) for fact in walk(first, last)]
    number, previous = (before.number + 1, before.digest) if before else (1, GENESIS)
    day = day or clock.today()
    root = merkle_root(leaves)
    return Seal.objects.create(
        number=number, day=day, first_seq=first, last_seq=last, count=len(leaves), root=root, previous=previous,
        digest=digest_of(number, day, first, last, len(leaves), root, previous), sealed_at=clock.now(),
    )  # fmt: skip


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

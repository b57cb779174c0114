"""点单的规则: what others may read of free text, near-duplicates, who is proposed and why, who is called back, rates.

Values in, values out. Where the numbers come from stands in the pack (orders.yaml, DOMAIN 6.4).
"""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# Numbers as people write them, with spaces, hyphens or dots between; Chinese words for WeChat and QQ with what follows.
_CONTACTS = (
    ("identity", re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")),
    ("phone", re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9](?:[- .]?\d){9}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    ("account", re.compile(r"(?<=微信)(?:号)?[:： ]?[A-Za-z][\w-]{5,19}|(?<=[Qq][Qq])(?:号)?[:： ]?\d{5,11}")),
)
# full-width digits, letters, @ and hyphen; the punctuation of sentences stays as it is
_NARROW = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), 0xFF20, *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0D)
}
HIDDEN = "〔已遮住〕"


def mask_contacts(text: str) -> tuple[str, tuple[str, ...]]:
    """A text as others may read it, and what was hidden: identity, phone, mail, account, each once."""
    text = text.translate(_NARROW)
    found: list[str] = []
    for what, pattern in _CONTACTS:
        text, count = pattern.subn(HIDDEN, text)
        if count and what not in found:
            found.append(what)
    return text, tuple(found)


def _grams(text: str) -> set[str]:
    letters = "".join(re.findall(r"\w", unicodedata.normalize("NFKC", text).lower()))
    return {letters[at : at + 2] for at in range(len(letters) - 1)} or ({letters} if letters else set())


def likeness(one: str, other: str) -> int:
    """How alike two texts are, 0 to 100: shared pairs of letters in relation to the shorter text (Szymkiewicz–Simpson)."""
    a, b = _grams(one), _grams(other)
    return round(100 * len(a & b) / min(len(a), len(b))) if a and b else 0


def alike(text: str, others: Iterable[tuple[int, str]], percent: int) -> list[int]:
    """Ids of those texts that are at least so alike, the most alike first."""
    scored = [(likeness(text, other), ident) for ident, other in others]
    return [ident for score, ident in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if score >= percent]


class Candidate(NamedTuple):
    """人选: a person or organisation that could do it, and what speaks for it.

    same_kind: how often they finished this kind in this community; last_on: when they did it last; covers: they look
    after the place; load: what they have in hand.
    """

    kind: str  # person | organisation
    ident: int
    name: str
    same_kind: int = 0
    last_on: dt.date | None = None
    covers: bool = False
    load: int = 0


def suggested(candidates: Iterable[Candidate], most: int = 3) -> list[Candidate]:
    """Whom to propose, best first. Who looks after the place counts like two earlier orders of the kind; each order in
    hand takes one off; among equals whoever did it last comes first. Nobody is left out for a score alone."""

    def worth(one: Candidate) -> tuple:
        value = min(one.same_kind, 3) + 2 * one.covers - one.load
        return (-value, -(one.last_on or dt.date.min).toordinal(), one.kind, one.ident)

    return sorted(candidates, key=worth)[:most]


def called_back(number: str, percent: int) -> bool:
    """Whether an order is in the sample that is called back: by its number alone, so that nobody chooses."""
    return int.from_bytes(hashlib.sha256(f"call-back:{number}".encode()).digest()[:4], "big") * 100 < percent << 32


def rate(part: int, whole: int) -> int | None:
    """Per cent, rounded half up; None of nothing."""
    return None if not whole else (200 * part + whole) // (2 * whole)


_BODY = re.compile(r"(?:大党委|党工委|党委|党总支|总支|党支部|委员会|大工委)$")
_HEAD = re.compile(r"^中共")


def place_word(name: str) -> str:
    """A territorial organisation by the name of its ground, as residents say it: 榕荫社区大党委 → 榕荫社区."""
    short = _BODY.sub("", _HEAD.sub("", name.strip()))
    return short or name


def reopens(stars: int | None, solved: bool | None, *, below: int, times: int, at_most: int) -> bool:
    """Whether an answer of the resident brings the order back: so few stars, or not solved; at most so many times."""
    return times < at_most and ((stars is not None and stars <= below) or solved is False)

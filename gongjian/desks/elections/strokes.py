"""姓氏笔画: the order of names on a ballot (选举工作条例: 候选人名单以姓氏笔画为序). Data: data/README.md."""

from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "strokes.txt"
UNKNOWN = (99, "9")


@cache
def _strokes() -> dict[str, str]:
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line)


def of(character: str) -> tuple[int, str]:
    """(number of strokes, their classes 横竖撇点折 as 1 to 5 in writing order); unknown characters come last."""
    found = _strokes().get(character)
    return (len(found), found) if found else UNKNOWN


def known(name: str) -> bool:
    """Whether the order of this name rests on data for all its characters."""
    return all(character in _strokes() for character in name if character not in "·•")


def key(name: str, *, short_first: bool = True) -> tuple:
    """By strokes of the surname's first character, by 起笔 where the counts are equal, then on through the name.

    Of one surname, names of two characters stand before those of three if `short_first` (the pack's same_surname).
    Characters with the same strokes are told apart by their code, so that a surname's bearers stay together.
    """
    name = "".join(character for character in name if character not in " ·•")
    parts = [(*of(character), character) for character in name]
    return (parts[:1], len(name) if short_first else 0, parts[1:])

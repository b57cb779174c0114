"""指引: a pointer across rooms without a foreign key."""

from typing import NamedTuple


class Ref(NamedTuple):
    """Kind and id of an object of some room, as two texts (对象引用)."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def of(cls, kind: str, ident: object) -> "Ref":
        """A Ref of any identifier that has a text."""
        return cls(kind, str(ident))

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """The Ref that `str()` wrote; ValueError if it is none."""
        kind, _, ident = text.partition(":")
        if not kind or not ident:
            raise ValueError(text)
        return cls(kind, ident)

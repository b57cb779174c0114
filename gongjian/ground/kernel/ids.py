"""编号: time-ordered identifiers."""

from uuid6 import uuid7


def new_id() -> str:
    """A time-ordered unique identifier (UUIDv7) as 32 hexadecimal characters."""
    return uuid7().hex

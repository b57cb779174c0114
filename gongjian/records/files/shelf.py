"""书架: where contents lie. Named by a keyed hash, so that a folder does not tell who keeps which known document."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from gongjian.ground.kernel.crypto import keyed_hash, open_bytes, seal_bytes
from gongjian.ground.kernel.errors import Refused


def place_of(sha256: str) -> Path:
    """Where a content lies, or would lie."""
    name = keyed_hash(sha256, context="file.place")
    return Path(settings.MEDIA_ROOT) / "kept" / name[:2] / name[2:]


def put(content: bytes, sha256: str) -> None:
    """Keep a content, encrypted, readable by this program only; it appears whole or not at all. Twice is once."""
    place = place_of(sha256)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(seal_bytes(content, context=sha256))
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def take(sha256: str) -> bytes:
    """A kept content. Raises Refused if it is gone, damaged, or sealed with another key."""
    try:
        return open_bytes(place_of(sha256).read_bytes(), context=sha256)
    except FileNotFoundError:
        raise Refused("文件的内容不在这台服务器上，请联系管理员从备份恢复。") from None
    except ValueError:
        raise Refused("文件的内容已损坏或密钥不对，打不开，请联系管理员。") from None

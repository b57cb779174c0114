"""签名: HMAC-SHA256 over time, nonce and body, as both sides of the local provider's interface use it. No Django."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

TIME, NONCE, SIGNATURE = "X-Pay-Timestamp", "X-Pay-Nonce", "X-Pay-Signature"
WINDOW = 300  # seconds that a signed message is good for


def signature(key: str, stamp: str, nonce: str, body: bytes) -> str:
    """The signature of a message, 64 hexadecimal characters."""
    return hmac.new(key.encode(), b"\n".join((stamp.encode(), nonce.encode(), body)), hashlib.sha256).hexdigest()


def headers(key: str, body: bytes, *, now: float | None = None) -> dict[str, str]:
    """The three headers of a signed message."""
    stamp, nonce = str(int(time.time() if now is None else now)), secrets.token_hex(12)
    return {TIME: stamp, NONCE: nonce, SIGNATURE: signature(key, stamp, nonce, body)}


def fits(key: str, given: Mapping[str, str], body: bytes, *, now: float | None = None) -> bool:
    """Whether a message was signed with this key, not long ago."""
    stamp, nonce, sign = (given.get(name, "") for name in (TIME, NONCE, SIGNATURE))
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13 and sign.isascii()):
        return False
    moment = time.time() if now is None else now
    if abs(moment - int(stamp)) > WINDOW:
        return False
    return hmac.compare_digest(signature(key, stamp, nonce, body), sign)

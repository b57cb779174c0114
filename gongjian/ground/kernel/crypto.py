"""加密: protected fields at rest (AES-256-GCM), and keyed hashes by which they are found."""

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = "1"


@cache
def _key(purpose: str, secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), person=purpose.encode()[:16], digest_size=32).digest()


def encrypt(plain: str, *, context: str = "") -> str:
    """Ciphertext of a text as ASCII; `context` (such as `person.identity`) must be the same when it is read."""
    if not plain:
        return ""
    nonce = os.urandom(12)
    sealed = AESGCM(_key("field", settings.FIELD_KEY)).encrypt(nonce, plain.encode(), context.encode())
    return _VERSION + base64.b64encode(nonce + sealed).decode()


def decrypt(sealed: str, *, context: str = "") -> str:
    """The text that `encrypt` sealed; ValueError if the key or context is another, or a byte was changed."""
    if not sealed:
        return ""
    if sealed[:1] != _VERSION:
        raise ValueError("unknown version of ciphertext")
    raw = base64.b64decode(sealed[1:])
    try:
        return AESGCM(_key("field", settings.FIELD_KEY)).decrypt(raw[:12], raw[12:], context.encode()).decode()
    except InvalidTag as error:
        raise ValueError("ciphertext does not fit the key") from error


_SEALED = b"GJF1"


def seal_bytes(plain: bytes, *, context: str) -> bytes:
    """Ciphertext of a file's content; `context` must be the same when it is read."""
    nonce = os.urandom(12)
    return _SEALED + nonce + AESGCM(_key("file", settings.FIELD_KEY)).encrypt(nonce, plain, context.encode())


def open_bytes(sealed: bytes, *, context: str) -> bytes:
    """The content that `seal_bytes` sealed; ValueError if the key or context is another, or a byte was changed."""
    if sealed[:4] != _SEALED:
        raise ValueError("not a sealed file")
    try:
        return AESGCM(_key("file", settings.FIELD_KEY)).decrypt(sealed[4:16], sealed[16:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise ValueError("ciphertext does not fit the key") from error


def keyed_hash(plain: str, *, context: str = "") -> str:
    """A hash by which a protected value is found without being readable; 64 hexadecimal characters."""
    if not plain:
        return ""
    return hmac.new(_key("hash", settings.FIELD_KEY), f"{context}\0{plain}".encode(), hashlib.sha256).hexdigest()

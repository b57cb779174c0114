"""受保护的内容: incomes and hardships are kept encrypted and opened only for whoever a deed lets."""

import json

from gongjian.ground.kernel.crypto import decrypt, encrypt


def seal_income(entered: dict[str, int]) -> str:
    """Component → fen, encrypted."""
    return encrypt(json.dumps(entered, sort_keys=True), context="dues.entered")


def open_income(sealed: str) -> dict[str, int]:
    """What `seal_income` sealed; empty for nothing."""
    text = decrypt(sealed, context="dues.entered")
    return json.loads(text) if text else {}


def seal_text(text: str) -> str:
    """A reason or finding, encrypted."""
    return encrypt(text, context="dues.text")


def open_text(sealed: str) -> str:
    """What `seal_text` sealed."""
    return decrypt(sealed, context="dues.text")

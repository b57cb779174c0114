"""Money in words: whole fen as yuan with two decimals."""


def yuan(fen: int) -> str:
    """123456 → 1234.56."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"

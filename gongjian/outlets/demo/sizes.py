"""大小: how large a demo city is, and what the pack's published figures ask of it."""

from dataclasses import dataclass

from gongjian.ground.policy.schema import Pack


@dataclass(frozen=True, slots=True)
class Size:
    """规模: `grassroots` organisations (committees of communities, units and trades, general branches, branches) with
    `members` in all; `villages` of the rural divisions (None: all); grids and estates in each urban community;
    branches of at least `group_from` members may divide into groups; `months` of past life. A city takes the platform
    into use district by district: the first at the beginning, the last `rollout` months later.
    `lessons`: study sessions of a branch a year beside what its duties ask. `block`: meetings written in one transaction
    (0: all); a build that was cut short goes on behind its last one.
    """

    name: str
    grassroots: int
    members: int
    villages: int | None
    grids: int
    estates: int
    group_from: int
    residents: int
    months: int = 12
    rollout: int = 0
    lessons: int = 0
    block: int = 0


SMALL = Size("small", grassroots=500, members=1_600, villages=130, grids=1, estates=1, group_from=14, residents=60)
FULL = Size("full", grassroots=3_250, members=60_000, villages=None, grids=4, estates=2, group_from=26, residents=3_000,
            rollout=7, block=8_000)  # fmt: skip
# of the order of a whole prefecture-level city, with some twenty million facts a year; for PostgreSQL
CITY = Size("city", grassroots=17_000, members=300_000, villages=None, grids=4, estates=2, group_from=26,
            residents=15_000, lessons=30, block=8_000)  # fmt: skip
SIZES = {size.name: size for size in (SMALL, FULL, CITY)}


def target(pack: Pack, figure: str, otherwise: float) -> float:
    """The value that the pack publishes for a figure; `otherwise` if it publishes none."""
    found = next((entry for entry in pack.figures if entry.id == figure), None)
    return otherwise if found is None or found.value is None else float(found.value)


def count(pack: Pack, figure: str, otherwise: int) -> int:
    """The same for a whole number."""
    return round(target(pack, figure, otherwise))


def is_grassroots(pack: Pack, kind: str) -> bool:
    """Whether a kind is a grassroots organisation (党的基层组织): 基层委员会, 总支, 支部; no group, no joint body."""
    described = pack.org_kind(kind)
    return bool(described.code) and described.level in ("community", "unit", "branch")


def shares(weights: list[float], total: int, least: int, most: int) -> list[int]:
    """Whole numbers in proportion to the weights, each from `least` to `most`, that add up to `total` exactly."""
    if not weights or not least * len(weights) <= total <= most * len(weights):
        raise ValueError(f"{total} cannot be shared out among {len(weights)}")
    scale = total / sum(weights)
    found = [min(most, max(least, round(weight * scale))) for weight in weights]
    step = 1 if sum(found) < total else -1
    at = 0
    rest = abs(total - sum(found))
    while rest:
        if least <= found[at] + step <= most:
            found[at] += step
            rest -= 1
        at = (at + 1) % len(found)
    return found

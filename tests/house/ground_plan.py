"""The house as its own files describe it: folders, texts, floors."""

import configparser
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "gongjian"
PACKS = REPOSITORY / "packs"
CONTRACTS = REPOSITORY / ".importlinter"
PREFIX = "importlinter:contract:"


@cache
def contracts() -> dict[str, dict[str, str]]:
    """The import contracts by their id."""
    parser = configparser.ConfigParser()
    parser.read(CONTRACTS, encoding="utf-8")
    return {name.removeprefix(PREFIX): dict(parser[name]) for name in parser.sections() if name.startswith(PREFIX)}


def layers(contract: str) -> list[list[str]]:
    """The layers of a contract from the lowest up; rooms of the same height together."""
    lines = [line.strip() for line in contracts()[contract]["layers"].splitlines() if line.strip()]
    return [[name.strip(" ()") for name in line.split("|")] for line in reversed(lines)]


@cache
def height(module: str) -> tuple[int, int]:
    """How high a room stands: (floor, place on the floor). Rooms of equal height are neighbours, not friends."""
    _, floor, room = module.split(".")[:3]
    floors = [name for layer in layers("floors") for name in layer]
    place = 0
    if floor in contracts() and contracts()[floor]["type"] == "layers":
        place = next(number for number, layer in enumerate(layers(floor)) if room in layer)
    return floors.index(floor), place


@cache
def sources() -> tuple[Path, ...]:
    """All Python files of the package, migrations included."""
    return tuple(sorted(path for path in PACKAGE.rglob("*.py") if "_packs" not in path.parts))


@cache
def templates() -> tuple[Path, ...]:
    """All template files of the package."""
    return tuple(sorted(path for path in PACKAGE.rglob("templates/**/*") if path.is_file()))


def where(path: Path) -> str:
    """A file's place in the repository, for messages."""
    return str(path.relative_to(REPOSITORY))

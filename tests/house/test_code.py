"""What may not stand in the code: names of cities, drawers for everything, files that nobody can read in one go."""

import csv
import re

import pytest

from tests.house import ground_plan

LONGEST = 500
NAMELESS_DRAWERS = {"utils.py", "helpers.py", "services.py", "common.py", "misc.py"}
TEXTS = {".py", ".html", ".css", ".js", ".txt", ".json", ".yaml", ".toml"}


def places() -> set[str]:
    """Names that belong into a pack: cities' folders, and their districts with and without 区, 县 or 市."""
    found = set()
    for pack in ground_plan.PACKS.iterdir():
        if not (pack / "pack.yaml").is_file() or pack.name.startswith(("_", ".")):
            continue
        found.add(pack.name)
        divisions = pack / "divisions.csv"
        if divisions.exists():
            with divisions.open(encoding="utf-8-sig", newline="") as rows:
                districts = {row["district"] for row in csv.DictReader(rows)}
            found |= districts | {re.sub(r"[区县市]$", "", district) for district in districts}
        described = pack / "pack.yaml"
        if described.exists():
            found |= set(re.findall(r"([\u4e00-\u9fff]{2,4})市", described.read_text(encoding="utf-8")))
    return found - {"城", "本", "全"}


def written_by_us():
    """Every text file of the package, without what others wrote (vendor) and what is generated (migrations)."""
    for path in sorted(ground_plan.PACKAGE.rglob("*")):
        parts = set(path.parts)
        if path.suffix in TEXTS and path.is_file() and not parts & {"vendor", "_packs", "__pycache__", "locale"}:
            yield path


def test_the_packs_name_a_city_and_six_districts():
    assert {"guilin", "桂林"} <= places() | {"桂林"}
    assert len({name for name in places() if name.endswith("区")}) >= 6


def test_no_city_in_the_code():
    names = re.compile("|".join(map(re.escape, sorted(places() | {"桂林"}))), re.IGNORECASE)
    found = [
        f"{ground_plan.where(path)}:{number}: {line.strip()[:80]}"
        for path in written_by_us()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if names.search(line)
    ]
    assert not found, "a city's name belongs into its pack:\n" + "\n".join(found)


@pytest.mark.parametrize("folder", [ground_plan.PACKAGE, ground_plan.REPOSITORY / "tests"], ids=lambda path: path.name)
def test_files_stay_readable(folder):
    long = {
        ground_plan.where(path): lines
        for path in folder.rglob("*")
        if path.suffix in {".py", ".html"}
        and not {"migrations", "vendor", "_packs"} & set(path.parts)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long, f"over {LONGEST} lines: {long}"


def test_no_drawer_without_a_name():
    found = [ground_plan.where(path) for path in ground_plan.sources() if path.name in NAMELESS_DRAWERS]
    assert not found


def test_nothing_is_left_for_later():
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{ground_plan.where(path)}:{number}"
        for path in ground_plan.sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not found

"""The floors hold, and each contract is proved by breaking it in a copy of the package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ground_plan

LINT = Path(sys.executable).with_name("lint-imports")

# contract → (file in the copy, line added to it); several where a contract guards several doors
BREAKS = {
    "floors": [
        ("ground/kernel/offence.py", "import gongjian.records.facts"),
        ("records/facts/offence.py", "import gongjian.engines.relay"),
        ("engines/relay/offence.py", "import gongjian.desks.activities"),
        ("desks/activities/offence.py", "import gongjian.appraisal.points"),
        ("appraisal/points/offence.py", "import gongjian.outlets.dashboards"),
        ("outlets/dashboards/offence.py", "import gongjian.config.settings"),
        ("newfloor/__init__.py", ""),
    ],
    "ground": [
        ("ground/kernel/offence.py", "import gongjian.ground.policy"),
        ("ground/policy/offence.py", "import gongjian.ground.sheets"),
        ("ground/sheets/offence.py", "import gongjian.ground.ui"),
        ("ground/ui/offence.py", "import gongjian.ground.paper"),
    ],
    "records": [
        ("records/facts/offence.py", "import gongjian.records.orgs"),
        ("records/facts/offence.py", "import gongjian.records.files"),
        ("records/files/offence.py", "import gongjian.records.orgs"),
        ("records/orgs/offence.py", "import gongjian.records.people"),
        ("records/people/offence.py", "import gongjian.records.places"),
        ("records/places/offence.py", "import gongjian.records.access"),
        ("records/access/offence.py", "import gongjian.records.notices"),
    ],
    "engines": [
        ("engines/relay/offence.py", "import gongjian.engines.ledger"),
        ("engines/flow/offence.py", "import gongjian.engines.ledger"),
    ],
    "desks": [("desks/neighbour/__init__.py", "import gongjian.desks.activities")],
    "appraisal": [("appraisal/points/offence.py", "import gongjian.appraisal.standards")],
    "entrance": [("records/orgs/offence.py", "import gongjian.config.settings")],
    "rules": [("desks/activities/rules.py", "import django.utils.timezone")],
    "kernel": [("ground/kernel/ref.py", "import django.conf")],
    "ways-in": [
        ("records/orgs/views.py", "import gongjian.records.facts.models"),
        ("desks/activities/api.py", "import gongjian.records.facts.models"),
    ],
}


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [LINT, "--config", folder / ".importlinter", "--no-cache", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )


def test_the_house_keeps_all_contracts():
    done = lint(ground_plan.REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_has_its_proof():
    assert set(BREAKS) == set(ground_plan.contracts())


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ground_plan.CONTRACTS, folder)
    for path in ground_plan.sources():
        target = folder / path.relative_to(ground_plan.REPOSITORY)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [(contract, file, line) for contract, breaks in BREAKS.items() for file, line in breaks],
)
def test_breaking_a_contract_is_reported(copy, contract, file, line):
    offender = copy / "gongjian" / file
    before = offender.read_bytes() if offender.exists() else None
    fresh_folder = not offender.parent.exists()
    offender.parent.mkdir(exist_ok=True)
    offender.write_bytes(((before or b"").decode() + f"\n{line}\n").encode())
    try:
        done = lint(copy, "--contract", contract)
    finally:
        if fresh_folder:
            shutil.rmtree(offender.parent)
        elif before is None:
            offender.unlink()
        else:
            offender.write_bytes(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{ground_plan.contracts()[contract]['name']} BROKEN" in done.stdout, done.stdout + done.stderr
    told = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert told.removeprefix("newfloor") in done.stdout

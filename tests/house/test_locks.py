"""The lock files: no address of a registry, every dependency pinned with hashes, no package without a hash."""

import re
import tomllib

import pytest

from tests.house import ground_plan

LOCKS = ["requirements.lock", "requirements-dev.lock"]
PROJECT = tomllib.loads((ground_plan.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pinned(name: str) -> dict[str, str]:
    """Package → version as locked."""
    text = (ground_plan.REPOSITORY / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def wanted(lines: list[str]) -> set[str]:
    """Package names of requirement lines, as the lock writes them."""
    return {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", line)[0]).lower() for line in lines}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name):
    text = (ground_plan.REPOSITORY / name).read_text(encoding="utf-8")
    assert not re.findall(r"^.*(?:://|^-|/home/|/root/).*$", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name):
    text = (ground_plan.REPOSITORY / name).read_text(encoding="utf-8")
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_dependency_is_locked():
    assert wanted(PROJECT["dependencies"]) <= set(pinned("requirements.lock"))
    assert wanted(PROJECT["optional-dependencies"]["dev"]) <= set(pinned("requirements-dev.lock"))


def test_tests_run_on_what_is_shipped():
    shipped, tested = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: tested.get(name) for name in shipped} == shipped


def test_each_dependency_says_why():
    for line in (ground_plan.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if re.match(r'\s+"[a-zA-Z][\w.-]*(\[\w+(,\w+)*\])?[<>=~!]', line):
            assert re.search(r"#\s*\S.{8,}", line), f"say why it is there: {line.strip()}"

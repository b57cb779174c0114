"""The wheel: everything that is needed travels inside, and an installation from it prepares a demo city."""

import os
import subprocess
import sys
import venv
import zipfile

import pytest

from tests.house import ground_plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ground_plan.REPOSITORY],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_all_that_is_shown(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    for path in (
        *ground_plan.templates(),
        *ground_plan.PACKAGE.rglob("static/**/*"),
        *ground_plan.PACKAGE.rglob("*.mo"),
    ):
        if path.is_file():
            assert str(path.relative_to(ground_plan.REPOSITORY)) in held
    for path in ground_plan.PACKS.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert "gongjian/_packs/" + str(path.relative_to(ground_plan.PACKS)) in held
    assert any(name.endswith("/licenses/LICENSE") for name in held)
    assert any("/migrations/0001_" in name for name in held)
    assert not [name for name in held if name.startswith("tests/") or ".pyc" in name]


def test_a_wheel_alone_prepares_a_demo(wheel, tmp_path):
    """A clean environment: the wheel is installed into it; its dependencies are those of this environment, by path."""
    venv.create(tmp_path / "env", with_pip=True, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    # -S-like cleanliness without a network: the wheel itself comes from pip, what it depends on from here
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True
    ).stdout.strip()
    with open(os.path.join(site, "dependencies.pth"), "w", encoding="utf-8") as out:
        out.write(os.path.dirname(os.path.dirname(pytest.__file__)) + "\n")
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GONGJIAN_", "DJANGO_", "PYTEST_", "PYTHON"))
    }
    where = subprocess.run(
        [python, "-c", "import gongjian; print(gongjian.__file__)"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(site), "the wheel's own package must be the one that runs"
    done = subprocess.run(
        [tmp_path / "env" / "bin" / "gongjian", "demo", "--no-serve"],
        cwd=tmp_path,
        env=clean | {"GONGJIAN_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert (tmp_path / "home").is_dir()
    assert "secretary" in done.stdout

"""The English catalogue: complete, without guesses, and compiled from what stands in the repository."""

import gettext
import os
import shutil
import subprocess
import sys

import pytest

from tests.house import ground_plan

CATALOGUE = ground_plan.PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"

pytestmark = pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """The catalogue as `make messages` would write it now, made in a copy."""
    folder = tmp_path_factory.mktemp("messages")
    package = folder / "gongjian"
    shutil.copytree(
        ground_plan.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "vendor", "_packs", "static", "*.mo")
    )
    (package / "locale" / "en" / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-location", "--no-obsolete"],
        cwd=package,
        env={key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return package / "locale" / "en" / "LC_MESSAGES" / "django.po"


def entries(catalogue, *selection: str) -> list[str]:
    """The source strings (first line of each) that `msgattrib` selects."""
    done = subprocess.run(
        ["msgattrib", "--no-obsolete", "--no-wrap", *selection, catalogue], capture_output=True, text=True, check=True
    )
    return [line[7:-1] for line in done.stdout.splitlines() if line.startswith('msgid "') and line != 'msgid ""']


def test_there_are_source_strings(fresh):
    assert entries(fresh)


def test_every_source_string_is_translated(fresh):
    assert not entries(fresh, "--untranslated")


def test_no_translation_is_a_guess(fresh):
    assert not entries(fresh, "--only-fuzzy")


def test_no_chinese_is_left_in_the_english(fresh):
    """A translation that still holds Chinese was forgotten half-way; names of places come from packs."""
    compiled = fresh.with_suffix(".probe.mo")
    subprocess.run(["msgfmt", "-o", compiled, fresh], check=True)
    with compiled.open("rb") as file:
        translations = gettext.GNUTranslations(file)._catalog
    # 中文 names the language in its own letters
    left = {
        text
        for text in translations.values()
        if text != "中文" and any("\u4e00" <= letter <= "\u9fff" for letter in text)
    }
    assert not left


def test_the_compiled_catalogue_is_the_written_one(tmp_path):
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", compiled, CATALOGUE], check=True)
    with compiled.open("rb") as new, CATALOGUE.with_suffix(".mo").open("rb") as kept:
        assert gettext.GNUTranslations(new)._catalog == gettext.GNUTranslations(kept)._catalog, "run: make messages"

"""Both languages have the same words, and every word that is used is there."""

import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import longmai
from longmai.kernel.errors import Invalid
from longmai.kernel.i18n import Catalogue, preferred

SOURCE = Path(longmai.__file__).parent
FOLDERS = sorted(SOURCE.rglob("locales"))
WORDS = Catalogue.load(FOLDERS).words
USED = re.compile(r"""\bt\(\s*["']([a-z_]+(?:\.[A-Za-z_0-9]+)+)["']""")


def named(text: str) -> set[str]:
    """Return the names that a text wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_are_words() -> None:
    """The search for folders finds some."""
    assert len(FOLDERS) >= 2
    assert len(WORDS["zh"]) > 100


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_both_languages_know_the_same_keys(folder: Path) -> None:
    """No key stands in one language only."""
    alone = {language: Catalogue.load([folder]).words[language] for language in ("zh", "en")}
    assert alone["zh"].keys() == alone["en"].keys()


def test_both_languages_fill_in_the_same_names() -> None:
    """A sentence with a number has it in both."""
    differing = [k for k, text in WORDS["zh"].items() if named(text) != named(WORDS["en"][k])]
    assert differing == []


def test_every_key_that_is_used_is_known() -> None:
    """Each ``t("…")`` of templates and programs."""
    files = [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]
    used = {(key, file.name) for file in files for key in USED.findall(file.read_text("utf-8"))}
    assert len(used) > 40
    assert [each for each in sorted(used) if each[0] not in WORDS["zh"]] == []


def test_a_word_twice_or_a_broken_file_is_refused(tmp_path: Path) -> None:
    """With the file's name."""
    (tmp_path / "en.toml").write_text("", "utf-8")
    (tmp_path / "zh.toml").write_text('a = "x"', "utf-8")
    with pytest.raises(Invalid, match="twice"):
        Catalogue.load([tmp_path, tmp_path])
    (tmp_path / "zh.toml").write_text("a = ", "utf-8")
    with pytest.raises(Invalid, match=r"zh\.toml"):
        Catalogue.load([tmp_path])


@given(st.text(max_size=60))
def test_any_header_gives_a_language(header: str) -> None:
    """Whatever a browser sends."""
    assert preferred(header, "zh") in {"zh", "en"}

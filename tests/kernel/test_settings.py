"""Settings come from the environment and say which variable is wrong."""

from pathlib import Path

import pytest

from longmai.kernel.errors import Invalid
from longmai.kernel.settings import load_settings


def test_what_is_not_set_follows_from_what_is(tmp_path: Path) -> None:
    """The database lies in the data folder, the public address is host and port."""
    settings = load_settings(data=tmp_path, port=9000)
    assert settings.database == f"sqlite:///{tmp_path / 'longmai.db'}"
    assert settings.public_url == "http://127.0.0.1:9000"


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option given beats a variable; None is not given."""
    monkeypatch.setenv("LONGMAI_PORT", "9001")
    assert load_settings(port=None).port == 9001
    assert load_settings(port=9002).port == 9002


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LONGMAI_PORT", "many"),
        ("LONGMAI_PORT", "0"),
        ("LONGMAI_LANGUAGE", "fr"),
        ("LONGMAI_REGION", "x"),
        ("LONGMAI_LOG_ORIGIN", "a b"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The error says which, and what it holds."""
    monkeypatch.setenv(name, value)
    with pytest.raises(Invalid) as refused:
        load_settings()
    assert refused.value.place == name
    assert value in str(refused.value)

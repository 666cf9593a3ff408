"""The settings that the environment makes."""

import pytest

from bgdemo.settings import SETTINGS


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGDEMO_MAX_FILES", "12")
    assert SETTINGS["BGDEMO_MAX_FILES"].value == 12
    monkeypatch.setenv("BGDEMO_MAX_FILES", "")
    assert SETTINGS["BGDEMO_MAX_FILES"].value == 200


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "²"])
def test_what_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BGDEMO_MAX_FILES", text)
    with pytest.raises(ValueError, match=r"BGDEMO_MAX_FILES must be .* not"):
        _ = SETTINGS["BGDEMO_MAX_FILES"].value

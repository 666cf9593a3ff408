"""Everything the program says to people: one file a language, `languages/<code>.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

Language = str
"""The code (ISO 639-1) of one of `LANGUAGES`."""

FOLDER = Path(__file__).parent / "languages"
FALLBACK: Language = "en"
"""Says what a file of another language lacks, and speaks to those whose language there is no file of."""

LANGUAGES: tuple[Language, ...] = (FALLBACK, *sorted({path.stem for path in FOLDER.glob("*.toml")} - {FALLBACK}))


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Every sentence and label in `language` by its key, as "error.empty"; gaps are named as in `str.format`."""
    own = dict(_flat(tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))))
    return MappingProxyType(own if language == FALLBACK else {**texts(FALLBACK), **own})


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value
        else:
            yield from _flat(value, f"{prefix}{name}.")


def say(key: str, language: Language, **params: Any) -> str:
    """The text `key` in `language`, its gaps filled with `params`. Raises KeyError for an unknown key or gap."""
    return texts(language)[key].format(**params)


def decimal(value: float, language: Language) -> str:
    """A number of at most one decimal, for people: "33", "31.5"; in Indonesian "31,5"."""
    text = f"{round(value, 1) + 0.0:.1f}".removesuffix(".0").replace("-", "−")  # no minus before a nought
    return text.replace(".", say("language.decimal", language))


_LANGUAGE_RANGE = re.compile(r"(?P<tag>[\w*-]+)(?:[ \t]*;[ \t]*[qQ]=(?P<weight>[01](?:\.\d*)?))?")
"""RFC 9110 §12.4.2: blanks may stand on both sides of the semicolon, and nowhere else."""

_RENAMED = {"in": "id", "iw": "he", "ji": "yi"}
"""Codes that ISO 639 gave up, and Java and old Android still send."""


def preferred_language(accept_language: str | None) -> Language:
    """The language for an HTTP `Accept-Language` header (RFC 9110 §12.5.4): ours of the most weight, else English."""
    ranked = [
        (float(found["weight"] or 1), found["tag"].lower().split("-")[0])
        for part in (accept_language or "").split(",")
        if (found := _LANGUAGE_RANGE.fullmatch(part.strip(" \t")))
    ]
    ranked.sort(key=lambda entry: -entry[0])
    codes = (_RENAMED.get(tag, tag) for weight, tag in ranked if weight > 0)
    return next((code for code in codes if code in LANGUAGES), FALLBACK)

"""The one error that is meant for people."""

from __future__ import annotations

from typing import Any

from bgdemo.messages import Language, say


class UserError(Exception):
    """Something that the user can mend: bad input, a limit, a model that could not be fetched.

    `key` names a sentence of the catalogue in `bgdemo.messages` (all begin with "error."), `params` fill its gaps.
    `str(error)` is the English sentence; `error.text("id")` the Indonesian one.
    """

    def __init__(self, key: str, **params: Any) -> None:
        self.key = key
        self.params = params
        super().__init__(say(key, "en", **params))

    def __reduce__(self) -> tuple[Any, ...]:
        """For its way from one process to another."""
        return _error, (self.key, self.params)

    def text(self, language: Language) -> str:
        """The sentence in `language`."""
        return say(self.key, language, **self.params)


def _error(key: str, params: dict[str, Any]) -> UserError:
    return UserError(key, **params)

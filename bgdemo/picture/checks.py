"""What an office would say of an ID photo: of the head in its frame, before it is cut out, and of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bgdemo.images import Photo, Pixels
from bgdemo.messages import Language, decimal, say
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.faces import MOST_TURN, Head
from bgdemo.picture.frames import Frame, frame_of, heads_of
from bgdemo.picture.looks import Look
from bgdemo.picture.standards import Range, Standard

OFF_MIDDLE = 0.03
"""How far a head may be off the middle, in fractions of the width."""

OFF_LEVEL = 1.5
"""How far the line of the eyes may be off the level, in degrees."""

MOST_ENLARGED = 1.3
"""How many pixels a picture may make of one of the photo's, along a line, before that is seen."""

ROUNDING = 0.05
"""What figures are rounded to when they are said, either way."""

Key = Literal["head", "eyes", "above", "middle", "tilt", "turn", "enlarged"]

UNITS: dict[Key, str] = {"head": " mm", "eyes": " mm", "above": " mm", "middle": " mm", "tilt": "°", "enlarged": "×"}


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of a framed head, and what it has to be; or what is `customary`, where nobody has published that.

    "head", "eyes", "above" and "middle" are in mm of the print: chin to crown, lower edge to eyes, crown to upper edge,
    and how far the eyes are right of the middle. "tilt" is in degrees clockwise; "turn" is `Face.turn`; "enlarged" is
    how many pixels are made of one.
    """

    key: Key
    measured: float
    range: Range
    customary: bool = False

    @property
    def ok(self) -> bool:
        """Whether the figure is what it has to be."""
        rounding = ROUNDING if self.key in UNITS else 0.0
        return self.range[0] - rounding <= self.measured <= self.range[1] + rounding

    def text(self, language: Language) -> str:
        """What there is to say of it: the figure, and if that is off what it has to be."""
        about_zero = self.range[0] == -self.range[1]
        unit = UNITS.get(self.key, "")
        figures = {
            "measured": decimal(abs(self.measured) if about_zero else self.measured, language) + unit,
            "most": decimal(self.range[1], language) + unit,
            "range": _range_said(self.range, unit, language),
        }
        said = f"check.{self.key}.off" if not self.ok else f"check.{self.key}"
        return say(said + ".usual" if self.customary and not self.ok else said, language, **figures)


def checks(standard: Standard | None, head: Head, frame: Frame, enlarged: float) -> tuple[Check, ...]:
    """What is to be checked of `head` in `frame`, of which a picture is made that is `enlarged` times the photo.

    What nobody has published for `standard` is held against what is customary, the eyes' height against nothing; a head
    without a standard has no lengths.
    """
    return (
        *(_lengths(standard, head, frame) if standard else ()),
        Check("tilt", head.face.tilt - frame.angle, (-OFF_LEVEL, OFF_LEVEL)),
        Check("turn", head.face.turn, (-MOST_TURN, MOST_TURN)),
        Check("enlarged", enlarged, (0.0, MOST_ENLARGED)),
    )


def _lengths(standard: Standard, head: Head, frame: Frame) -> list[Check]:
    width, height = standard.width_mm, standard.height_mm
    crown, chin, (eyes_x, eyes_y) = (frame.place(point) for point in (head.top, head.bottom, head.eyes))
    share = chin[1] - crown[1]
    rows = [Check("head", share * height, _mm(standard.head, height), customary=not standard.head_mm)]
    if standard.eyes:
        rows.append(Check("eyes", (1 - eyes_y) * height, _mm(standard.eyes, height)))
    return [
        *rows,
        Check("above", crown[1] * height, standard.above_mm or (0.0, max(0.0, 1 - share) * height)),
        Check("middle", (eyes_x - 0.5) * width, (-OFF_MIDDLE * width, OFF_MIDDLE * width)),
    ]


def _mm(fractions: Range, height: float) -> Range:
    return fractions[0] * height, fractions[1] * height


def _range_said(range_: Range, unit: str, language: Language) -> str:
    least, most = (decimal(value, language) for value in range_)
    return f"{least}–{most}{unit}"


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A file of `bytes` and of a `kind` (a key of `FORMATS`) beside what the office of `standard` asks for."""

    standard: Standard
    kind: str
    bytes: int

    @property
    def ok(self) -> bool:
        """Whether the office takes it: what it says nothing about is as one likes."""
        least, most = self.standard.kb or (0, float("inf"))
        return self.kind == (self.standard.format or self.kind) and least <= self.bytes / 1000 <= most

    def text(self, language: Language) -> str:
        """Kind and size, and if one is off what both have to be."""
        asked = FORMATS[self.standard.format or self.kind].pillow
        figures = {
            "measured": f"{FORMATS[self.kind].pillow} {decimal(self.bytes / 1000, language)} kB",
            "range": f"{asked} {_range_said(self.standard.kb, ' kB', language)}" if self.standard.kb else asked,
        }
        return say("check.file" if self.ok else "check.file.off", language, **figures)


NOTED: dict[Key, str] = {"turn": "note.head_turned", "enlarged": "note.head_enlarged"}
"""What a frame cannot mend: the notes that say what could."""


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """Heads on a subject, of which the first is framed by `frame`, and what an office would say of it.

    `notes` are keys of what there is to say at length. Where there are no heads, a silhouette is framed.
    """

    frame: Frame
    heads: tuple[Head, ...] = ()
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ("note.no_face",)

    def said(self, language: Language) -> list[str]:
        """The notes, and whatever else is off, for people."""
        off = [check.text(language) for check in self.checks if not check.ok and check.key not in NOTED]
        return [say(key, language) for key in self.notes] + off


def inspect(photo: Photo, alpha: Pixels, look: Look, shrunk: float = 1.0) -> Inspection | None:
    """Of the head that `look` frames, if it frames one; `alpha` is the subject's, uint8 H×W.

    A preview of the photo is `shrunk` times as large as the photo itself. Raises what `frame_of` raises.
    """
    if look.crop.around != "head" or look.crop.box:
        return None
    frame = frame_of(alpha, look.crop, look.size, photo)
    heads = heads_of(photo, alpha, look.crop.face)
    if not heads:
        return Inspection(frame)
    enlarged = look.size.of_frame(frame.width, frame.height)[1] * shrunk / frame.height if look.size else 1.0
    found = checks(look.crop.standard, heads[0], frame, enlarged)
    told = {
        "note.face_cut": _is_cut(heads[0], alpha),
        "note.two_heads": any(_is_in(other, frame) for other in heads[1:]),
        **{NOTED[check.key]: not check.ok for check in found if check.key in NOTED},
    }
    return Inspection(frame, tuple(heads), found, tuple(key for key, true in told.items() if true))


def _is_cut(head: Head, alpha: Pixels) -> bool:
    """Whether the photo ends within the head, or where the crown is."""
    height, width = alpha.shape
    near = 0.03 * head.height
    left, _, across, _ = head.face.box
    rows = [head.top[1], head.bottom[1]]
    return min(rows) < near or max(rows) > height or left < near or left + across > width - near


def _is_in(head: Head, frame: Frame) -> bool:
    return all(0 < place < 1 for place in frame.place(head.eyes))

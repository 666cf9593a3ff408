"""What an office would say of an ID photo: of the head in its frame, before it is cut out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bgdemo.images import Photo, Pixels
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
"""What lengths in mm are rounded to when they are said, either way."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of a framed head, and what it has to be.

    "head", "eyes", "above" and "middle" are in mm of the print: chin to crown, lower edge to eyes, crown to upper edge,
    and how far the eyes are right of the middle. "tilt" is in degrees clockwise; "turn" is `Face.turn`; "enlarged" is
    how many pixels are made of one.
    """

    key: Literal["head", "eyes", "above", "middle", "tilt", "turn", "enlarged"]
    measured: float
    range: Range

    @property
    def ok(self) -> bool:
        """Whether the figure is what it has to be."""
        return self.range[0] - ROUNDING <= self.measured <= self.range[1] + ROUNDING


def checks(standard: Standard, head: Head, frame: Frame, enlarged: float) -> tuple[Check, ...]:
    """What is to be checked of `head` in `frame`, of which a picture is made that is `enlarged` times the photo.

    What nobody has published for `standard` is held against what is customary, the eyes' height against nothing.
    """
    width, height = standard.width_mm, standard.height_mm
    crown, chin, (eyes_x, eyes_y) = (
        frame.place(point) for point in (head.at(-head.crown), head.at(head.chin), head.eyes)
    )
    rows = [Check("head", (chin[1] - crown[1]) * height, _mm(standard.head, height))]
    if standard.eyes:
        rows.append(Check("eyes", (1 - eyes_y) * height, _mm(standard.eyes, height)))
    rows += [
        Check("above", crown[1] * height, standard.above_mm or (0.0, height)),
        Check("middle", (eyes_x - 0.5) * width, (-OFF_MIDDLE * width, OFF_MIDDLE * width)),
        Check("tilt", head.face.tilt - frame.angle, (-OFF_LEVEL, OFF_LEVEL)),
        Check("turn", head.face.turn, (-MOST_TURN, MOST_TURN)),
        Check("enlarged", enlarged, (0.0, MOST_ENLARGED)),
    ]
    return tuple(rows)


def _mm(fractions: Range, height: float) -> Range:
    return fractions[0] * height, fractions[1] * height


def head_notes(photo: Photo, alpha: Pixels, look: Look, shrunk: float = 1.0) -> tuple[str, ...]:
    """Keys of notes on the head that `look` frames, if it frames one; `alpha` is the subject's, uint8 H×W.

    Of a sheet they are those of all its prints. A preview of the photo is `shrunk` times as large as the photo itself.
    Raises what `frame_of` raises.
    """
    told = [key for single, _ in look.prints for key in _notes(photo, alpha, single, shrunk)]
    return tuple(dict.fromkeys(told))


def _notes(photo: Photo, alpha: Pixels, look: Look, shrunk: float) -> tuple[str, ...]:
    if look.crop.around != "head" or look.crop.box:
        return ()
    heads = heads_of(photo, alpha)
    if not heads:
        return ("note.no_face",)
    frame = frame_of(alpha, look.crop, look.size, photo)
    enlarged = look.size.of_frame(frame.width, frame.height)[1] * shrunk / frame.height if look.size else 1.0
    told = {
        "note.face_cut": _is_cut(heads[0], alpha),
        "note.head_turned": abs(heads[0].face.turn) > MOST_TURN,
        "note.two_heads": any(_is_in(other, frame) for other in heads[1:]),
        "note.head_enlarged": enlarged > MOST_ENLARGED,
    }
    return tuple(key for key, true in told.items() if true)


def _is_cut(head: Head, alpha: Pixels) -> bool:
    """Whether the photo ends within the head, or where the crown is."""
    height, width = alpha.shape
    near = 0.03 * head.height
    left, _, across, _ = head.face.box
    rows = [head.at(-head.crown)[1], head.at(head.chin)[1]]
    return min(rows) < near or max(rows) > height or left < near or left + across > width - near


def _is_in(head: Head, frame: Frame) -> bool:
    return all(0 < place < 1 for place in frame.place(head.eyes))

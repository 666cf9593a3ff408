"""Recipe: everything one can ask for, as one frozen value that checks itself."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageColor

from bgdemo.errors import UserError
from bgdemo.images import Photo
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, PLATE
from bgdemo.matte.strokes import UNTOUCHED, TouchUp
from bgdemo.matte.trimap import RECOMMENDED, TrimapSettings
from bgdemo.picture.encoding import FORMATS
from bgdemo.picture.limits import UNLIMITED, Limit
from bgdemo.picture.looks import SCENES, Backdrop, Blur, Color, Look, Size, Solid
from bgdemo.picture.papers import Sheet
from bgdemo.picture.standards import BACKGROUNDS, STANDARDS

PLAIN = Look()
"""The cutout as it is."""

ID_RED: Color = BACKGROUNDS["red"]
ID_BLUE: Color = BACKGROUNDS["blue"]
"""What an ID photo is taken on: red for an odd year of birth, blue for an even one."""

COLOR_NAMES: dict[Color, str] = {
    **{ImageColor.getrgb(name)[:3]: name for name in list(ImageColor.colormap)},
    ID_RED: "red",
    ID_BLUE: "blue",
}
"""What CSS calls a colour; and an ID photo's."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything one can ask for.

    `model` is an id of `MODELS`. `plate` is a photo of the empty scene; with it the subject is what is not there, and
    no network is asked. `alpha_matting` turns the fine-hair mode on: it solves what `trimap` leaves unknown.
    `touch_up` is what was said of the subject by hand, `look` what is done to the cutout, `format` a key of `FORMATS`,
    `limit` how many bytes its file may have. Raises UserError for a model or a format that does not exist.
    """

    model: str = DEFAULT_MODEL
    alpha_matting: bool = False
    trimap: TrimapSettings = RECOMMENDED
    touch_up: TouchUp = UNTOUCHED
    look: Look = PLAIN
    format: str = "png"
    limit: Limit = UNLIMITED
    plate: Photo | None = None

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UserError("error.unknown_model", model=self.model, models=", ".join(MODELS))
        if self.format not in FORMATS:
            raise UserError("error.unknown_format", format=self.format, formats=", ".join(FORMATS))

    @property
    def subject(self) -> str:
        """The id of what tells the subject: that of the model, or `PLATE`."""
        return PLATE if self.plate else self.model

    @property
    def suffix(self) -> str:
        """What is added to a file's name to say what it is.

        - "mask" or "trimap";
        - the preset, "whatsapp-sticker", or the kind of an ID photo, "3x4";
        - else what is behind the subject: "removedbg" for transparency ("sticker" with an outline), a colour's CSS name
          or code ("white", "ff8800"), a scene's name ("studio"), "gradient", "blur", or "background" for a picture of
          one's own; followed by the size in pixels where both sides were asked for: "white-1080x1080".

        What is on a sheet ends in "-sheet", on another paper than the usual in "-sheet-a4"; if there are several kinds
        of ID photos on it, all of them are named: "3x4-2x3-sheet".
        """
        if FORMATS[self.format].only:
            return self.format
        size, standard, preset = self.look.size, self.look.crop.standard, self.look.preset
        # A size of one's own may be that of an ID photo that has no other rules, and is named after it.
        plain = [row for row in STANDARDS.values() if not (row.head_mm or row.format)]
        kinds = [standard] if standard else [row for row in plain if size == Size.of_standard(row)]
        words = [row.id for row in ([preset] if preset else kinds[:1])]
        sheet = self.look.sheet
        if sheet and sheet.prints:
            words = list(dict.fromkeys(kind for kind, _ in sheet.prints))
        if not words:
            words = [_background_name(self.look)]
            words += [f"{size.width}x{size.height}"] if size and size.aspect else []
        if sheet:
            words += ["sheet"] if sheet.paper == Sheet().paper else ["sheet", sheet.paper]
        return "-".join(words)


def _background_name(look: Look) -> str:
    background = look.background
    if background is None:
        return "sticker" if look.outline else "removedbg"
    if isinstance(background, Solid):
        return COLOR_NAMES.get(background.color, bytes(background.color).hex())
    if isinstance(background, Blur):
        return "blur"
    if isinstance(background, Backdrop):
        return "background"
    return next((name for name, scene in SCENES.items() if scene == background), "gradient")

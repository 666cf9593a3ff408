"""What shops and apps ask of a picture: one table, each row with the published texts that its figures are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Preset:
    """The picture that one shop or app asks for; its name is the text `preset.<id>`.

    `width` and `height` are in pixels. `margin` is kept free around the subject, in fractions of its longer side.
    `background` is one in the words of a recipe, `outline` the width of a white rim in thousandths of the picture's
    longer side, or None. `format` is a key of `FORMATS`, `max_kb` the most thousand bytes of its file. Where nothing is
    published, the figures are ours. Raises ValueError for a row that cannot be.
    """

    id: str
    width: int
    height: int
    margin: float
    background: Literal["transparent", "white", "studio"]
    format: Literal["jpeg", "webp"]
    sources: tuple[str, ...]
    outline: float | None = None
    max_kb: int | None = None

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0 and 0 <= self.margin <= 1):
            raise ValueError(f"{self.id}: a size, and a margin within [0, 1]")
        if self.background == "transparent" and self.format == "jpeg":
            raise ValueError(f"{self.id}: a file that holds the transparency")
        if not self.sources:
            raise ValueError(f"{self.id}: at least one source")

    @property
    def fill(self) -> float:
        """The most of the picture's side that the subject's longer side takes, as a fraction."""
        return 1 / (1 + 2 * self.margin)


_ROWS = (
    Preset(
        "shopee",
        1024,
        1024,
        0.1,
        "white",
        "jpeg",
        ("https://app.unpkg.com/shopee-client@1.2.2/files/lib/modules/image/request/uploadRequest.d.ts",),
        max_kb=2000,
    ),
    Preset(
        "tokopedia",
        1200,
        1200,
        0.1,
        "white",
        "jpeg",
        (
            "https://seller-id.tokopedia.com/university/essay?knowledge_id=1386665054783233&lang=en",
            "https://tkfff.com/108850.html",
        ),
        max_kb=5000,
    ),
    Preset(
        "amazon",
        2000,
        2000,
        0.05,
        "white",
        "jpeg",
        (
            "https://mercatuslab.com/blog/amazon-product-image-requirements",
            "https://zonflip.com/amazon-images-requirements",
        ),
    ),
    Preset(
        "instagram-post",
        1080,
        1350,
        0.1,
        "studio",
        "jpeg",
        (
            "https://recurpost.com/blog/instagram-post-size-guide",
            "https://www.dexerto.com/tech/instagram-picture-size-1656650/",
        ),
    ),
    Preset(
        "instagram-story",
        1080,
        1920,
        0.18,
        "studio",
        "jpeg",
        (
            "https://recurpost.com/blog/instagram-post-size-guide",
            "https://www.picovert.com/en/blog/image-size-for-instagram",
        ),
    ),
    Preset(
        "whatsapp-sticker",
        512,
        512,
        0.055,
        "transparent",
        "webp",
        (
            "https://github.com/WhatsApp/stickers/pull/739",
            "https://www.tyntec.com/docs/whatsapp-business-api-tutorials-creating-and-sending-whatsapp-stickers",
        ),
        outline=16,
        max_kb=100,
    ),
    Preset(
        "profile-picture",
        800,
        800,
        0.21,
        "studio",
        "jpeg",
        (
            "https://toolswallet.dev/blog/profile-photo-size-requirements",
            "https://imgkilo.com/guides/profile-picture-size-guide",
        ),
        max_kb=2000,
    ),
)

PRESETS: dict[str, Preset] = {row.id: row for row in _ROWS}
"""All of them by their ids, the shops first."""

"""The networks one can choose from: a table, not a family of classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bgdemo.messages import Language, say

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One network, or several whose predictions are fused.

    `id` is rembg's name of it; what people call it and what it suits are the texts `model.<id>.name` and `.suits`.
    `parts` are the ids of the networks that a fused model consists of, the fine one and the coarse one, and `twice`
    those of them that see the photo's mirror image too: the mean of both predictions counts. What follows then says
    nothing. `input_size` is the side in pixels of the square that the network sees; `mean` and `std` normalise that
    square's channels after it was scaled to a peak of 1; `logits` says that the network leaves the final sigmoid to us.
    `download_mb` is the size of its file, which is `bundled` with the package or fetched when first chosen.
    `subject_peak` is the certainty (the 99.9th percentile of the prediction) below which there is no clear subject in
    the photo. `features` are the names of the tensors in the network that tell what is alike in a photo.
    """

    id: str
    input_size: int
    download_mb: int
    licence: str
    commercial_use: bool = True
    bundled: bool = False
    parts: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    logits: bool = False
    subject_peak: float = 0.5
    features: tuple[str, ...] = ()

    def name(self, language: Language) -> str:
        """What people call it."""
        return say(f"model.{self.id}.name", language)

    @property
    def predictions(self) -> set[str]:
        """The names of the predictions that it takes: the ids of networks, and those of mirror images."""
        return {*(self.parts or [self.id]), *map(in_mirror, self.twice)}

    @property
    def first(self) -> str:
        """The id of the network among them that answers first."""
        return self.parts[-1] if self.parts else self.id


def in_mirror(model: str) -> str:
    """The name of what `model` makes of a photo's mirror image."""
    return f"{model}, mirrored"


_ROWS = (
    ModelSpec(
        id="best",
        input_size=1024,
        download_mb=49,
        licence="Apache-2.0",
        bundled=True,
        parts=("isnet-general-use", "u2netp"),
        twice=("u2netp",),
    ),
    ModelSpec(
        id="best-twice",
        input_size=1024,
        download_mb=49,
        licence="Apache-2.0",
        bundled=True,
        parts=("isnet-general-use", "u2netp"),
        twice=("isnet-general-use", "u2netp"),
    ),
    ModelSpec(
        id="isnet-general-use",
        input_size=1024,
        download_mb=44,
        licence="Apache-2.0",
        bundled=True,
        mean=(0.5, 0.5, 0.5),
        std=(1.0, 1.0, 1.0),
        subject_peak=0.8,
        features=("/stage4/Add_output_0", "/stage5/Add_output_0"),
    ),
    ModelSpec(
        id="u2netp",
        input_size=320,
        download_mb=5,
        licence="Apache-2.0",
        bundled=True,
        subject_peak=0.8,
    ),
    ModelSpec(
        id="u2net",
        input_size=320,
        download_mb=176,
        licence="Apache-2.0",
    ),
    ModelSpec(
        id="u2net_human_seg",
        input_size=320,
        download_mb=176,
        licence="Apache-2.0",
    ),
    ModelSpec(
        id="silueta",
        input_size=320,
        download_mb=44,
        licence="Apache-2.0",
    ),
    ModelSpec(
        id="isnet-anime",
        input_size=1024,
        download_mb=176,
        licence="Apache-2.0",
        std=(1.0, 1.0, 1.0),
    ),
    ModelSpec(
        id="birefnet-general-lite",
        input_size=1024,
        download_mb=224,
        licence="MIT",
        logits=True,
    ),
    ModelSpec(
        id="birefnet-general",
        input_size=1024,
        download_mb=973,
        licence="MIT",
        logits=True,
    ),
    ModelSpec(
        id="birefnet-portrait",
        input_size=1024,
        download_mb=973,
        licence="MIT",
        logits=True,
    ),
    ModelSpec(
        id="bria-rmbg",
        input_size=1024,
        download_mb=1024,
        licence="CC BY-NC 4.0",
        commercial_use=False,
    ),
)

MODELS: Mapping[str, ModelSpec] = MappingProxyType({row.id: row for row in _ROWS})
"""Every model by its id, the bundled ones first."""

DEFAULT_MODEL = _ROWS[0].id

PLATE = "plate"
"""What stands in place of a model's id where no network was asked: a photo of the empty scene told the subject."""

WITH_FEATURES = next(row.id for row in _ROWS if row.features)
"""The network by whose features strokes are understood, whichever model is chosen."""

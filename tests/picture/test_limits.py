"""A file keeps to its limit at the best quality that fits, or a sentence says why it cannot."""

import io
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Picture
from bgdemo.picture.encoding import FORMATS, encode, has_palette
from bgdemo.picture.limits import LONGEST_SEGMENT, MAX_KB, Limit, best_within, padded
from tests.picture.files import opened

PLAIN = Metadata()
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CAN_BE_PADDED = [kind for kind, form in FORMATS.items() if form.ending in ("jpg", "png")]


def picture(width: int = 120, height: int = 90, opaque: bool = True, metadata: Metadata = PLAIN) -> Picture:
    """A smooth scene with some grain; if it is not opaque, a disc of it with a soft rim."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(1).integers(-12, 12, (height, width, 1))
    rgb = np.stack([x * 255 / width, y * 255 / height, (x + y) % 256], axis=-1) + noise
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = np.clip(rgb, 0, 255)
    if not opaque:
        away = np.hypot(x - width / 2, y - height / 2) - min(width, height) / 3
        rgba[..., 3] = np.clip(128 - away * 32, 0, 255)
        rgba[rgba[..., 3] == 0] = 0
    return Picture(rgba, metadata, "u2netp")


# ---- the numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, -1, math.nan, math.inf, MAX_KB + 1, True, "200"])
@pytest.mark.parametrize("name", ["max_kb", "min_kb"])
def test_what_is_no_number_of_kilobytes_is_refused(name: str, number: object) -> None:
    with pytest.raises(UserError) as caught:
        Limit(**{name: number})  # type: ignore[arg-type]
    assert caught.value.key == "error.limit_range"


def test_the_least_is_no_more_than_the_most() -> None:
    assert Limit(40, 40).least == Limit(40, 40).most == 40_000
    with pytest.raises(UserError) as caught:
        Limit(max_kb=40, min_kb=40.1)
    assert caught.value.key == "error.limit_range"


# ---- the search -----------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 400), min_size=1, max_size=100, unique=True), st.data())
def test_the_search_finds_the_best_file_in_few_attempts(sizes: list[int], data: st.DataObject) -> None:
    sizes.sort()
    plain = data.draw(st.integers(0, len(sizes) - 1))
    most = data.draw(st.integers(1, 400))
    least = data.draw(st.integers(1, most))
    attempts: list[int] = []

    def make(number: int) -> bytes:
        attempts.append(number)
        return bytes(sizes[number])

    found = len(best_within(Limit(most / 1000, least / 1000), make, plain, len(sizes)))
    fitting = [size for size in sizes if size <= most]
    wanted = [size for size in fitting if size >= least] or fitting[-1:] or sizes[:1]
    if sizes[plain] in wanted:
        assert found == sizes[plain]
    elif sizes[plain] > most:
        assert found == wanted[-1]
    else:
        assert found == wanted[0]
    assert len(attempts) <= 2 + math.log2(len(sizes))


# ---- the files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
@settings(deadline=None, max_examples=25)
@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    opaque=st.booleans(),
    most=st.floats(0.05, 30),
    share=st.none() | st.floats(0.01, 1),
)
@example(size=(60, 60), opaque=True, most=10, share=1.0)
def test_a_file_is_within_its_limit_or_refused(
    kind: str, size: tuple[int, int], opaque: bool, most: float, share: float | None
) -> None:
    asked, limit = picture(*size, opaque), Limit(most, share and most * share)
    try:
        data = encode(asked, kind, limit)
    except UserError as error:
        assert error.key in ("error.file_over_most", "error.file_under_least")
        assert encode(asked, kind), "it is only the limit that is in the way"
        return
    assert limit.least <= len(data) <= limit.most
    assert opened(data).size == size, "never scaled"
    assert encode(asked, kind, limit) == data


@pytest.mark.parametrize("kind", ["jpeg", "webp", "avif", "png", "pdf"])
@pytest.mark.parametrize("opaque", [True, False])
def test_a_wider_limit_never_makes_a_worse_file(kind: str, opaque: bool) -> None:
    asked = picture(opaque=opaque)
    plain = len(encode(asked, kind))
    errors: list[float] = []
    for share in (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1):
        try:
            file = opened(encode(asked, kind, Limit(plain * share / 1000))).convert("RGBA")
        except UserError:
            assert not errors, "a wider limit holds what a narrower one held"
            continue
        pixels, seen = np.asarray(file, float), asked.pixels.astype(float)
        if kind in ("jpeg", "pdf"):
            seen = np.asarray(opened(encode(asked, kind)).convert("RGBA"), float)
        errors.append(float(((pixels[..., :3] - seen[..., :3]) ** 2)[asked.pixels[..., 3] > 0].mean()))
    assert len(errors) >= 3
    assert errors[-1] == min(errors) < errors[0]
    assert all(after <= 1.1 * before for before, after in itertools.pairwise(errors))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_limit_that_is_kept_anyhow_changes_nothing(kind: str) -> None:
    asked = picture()
    assert encode(asked, kind, Limit(1000, 0.001)) == encode(asked, kind)


@pytest.mark.parametrize("kind", ["jpeg", "webp", "avif", "pdf"])
def test_of_the_qualities_that_fit_the_best_is_taken(kind: str) -> None:
    """Up to what the file has without a limit; two steps of quality may be left out."""
    asked = picture(300, 300)
    most = len(encode(asked, kind)) * 0.6
    taken = encode(asked, kind, Limit(most / 1000))
    form = FORMATS[kind]
    qualities = [options["quality"] for options in form.smaller]
    image = opened(encode(asked, "png")).convert("RGB")

    def saved(number: int) -> bytes:
        file = io.BytesIO()
        image.save(file, form.pillow, **form.smaller[number])
        return file.getvalue()

    number = next(number for number in range(len(qualities)) if saved(number) == taken)
    assert len(saved(number + 1)) > most
    assert qualities[number + 1] - qualities[number] <= 3


def test_a_jpeg_gives_half_its_colours_up_only_where_it_has_to() -> None:
    asked = picture(300, 300)
    plain = len(encode(asked, "jpeg"))

    def sampling(share: float) -> int:
        return {(1, 1): 0, (2, 2): 2}[opened(encode(asked, "jpeg", Limit(plain * share / 1000))).layer[0][1:3]]  # type: ignore[attr-defined]

    assert (sampling(0.7), sampling(0.3), sampling(0.12)) == (0, 0, 2)


@pytest.mark.parametrize("opaque", [True, False])
def test_a_png_is_compressed_harder_before_it_loses_anything(opaque: bool, kucing: Path) -> None:
    with Image.open(kucing) as photo:
        rgba = np.asarray(photo.convert("RGBA").resize((300, 300))).copy()
    if not opaque:
        rgba[picture(300, 300, opaque=False).pixels[..., 3] == 0] = 0
    asked = Picture(rgba, PLAIN, "u2netp")
    hard = encode(asked, "png", Limit(len(encode(asked)) * 0.99 / 1000))
    assert not has_palette(hard)
    assert np.array_equal(np.asarray(opened(hard).convert("RGBA")), rgba)
    assert has_palette(encode(asked, "png", Limit(len(hard) * 0.8 / 1000)))


def test_few_colours_keep_what_is_transparent_and_what_is_opaque() -> None:
    asked = picture(300, 200, opaque=False)
    few = np.asarray(opened(encode(asked, "png", Limit(len(encode(asked)) * 0.3 / 1000))).convert("RGBA"))
    alpha = asked.pixels[..., 3]
    assert (few[alpha == 0] == 0).all()
    assert (few[alpha == 255, 3] == 255).all()
    assert np.abs(few[..., 3].astype(int) - alpha).max() <= 32
    assert np.abs(few.astype(int) - asked.pixels)[alpha == 255].mean() < 8


def test_few_colours_of_an_opaque_picture_have_no_alpha() -> None:
    asked = picture(300, 200)
    file = opened(encode(asked, "png", Limit(len(encode(asked)) * 0.3 / 1000)))
    assert file.mode == "P"
    assert "transparency" not in file.info


@pytest.mark.parametrize("kind", ["webp-lossless", "mask", "trimap"])
def test_what_says_that_it_loses_nothing_does_not(kind: str) -> None:
    asked = picture(300, 200, opaque=False)
    plain = encode(asked, kind)
    with pytest.raises(UserError) as caught:
        encode(asked, kind, Limit(len(plain) / 3000))
    assert caught.value.key == "error.file_over_most"
    assert caught.value.params["reached"] >= len(plain) / 3000


@pytest.mark.parametrize("kind", [kind for kind, form in FORMATS.items() if not form.only])
@pytest.mark.parametrize("share", [0.5, 1.5])
def test_resolution_and_profile_survive(kind: str, share: float) -> None:
    asked = picture(200, 200, metadata=Metadata(PROFILE, (300, 300)))
    size = len(encode(asked, kind)) * share / 1000
    limit = Limit(size) if share < 1 else Limit(min_kb=size)
    if kind == "webp-lossless" or (kind in ("webp", "pdf") and share > 1):
        return
    file = opened(encode(asked, kind, limit))
    assert file.info.get("icc_profile") == (None if kind == "pdf" else PROFILE)
    if kind == "pdf" or kind in CAN_BE_PADDED:
        assert [round(value) for value in file.info["dpi"]] == [300, 300]
    if kind == "png":
        assert file.info["Model"] == "u2netp"


@pytest.mark.parametrize("kind", CAN_BE_PADDED)
@pytest.mark.parametrize("least", [0.7, 30, 31.001, 200, 700])
def test_a_jpeg_and_a_png_reach_the_least(kind: str, least: float) -> None:
    asked = picture(20, 20)
    data = encode(asked, kind, Limit(min_kb=least))
    assert len(data) >= least * 1000
    best = opened(encode(asked, kind, Limit(min_kb=5)))
    if least > 5:
        assert len(data) == least * 1000
        assert opened(data).tobytes() == best.tobytes(), "what fills the file is not seen"


@pytest.mark.parametrize("ending", ["jpg", "png"])
@pytest.mark.parametrize("missing", [4, 20, LONGEST_SEGMENT, LONGEST_SEGMENT + 1, 2 * LONGEST_SEGMENT + 3])
def test_padding_is_as_long_as_it_should_be(ending: str, missing: int) -> None:
    data = encode(picture(8, 8), "jpeg" if ending == "jpg" else "png")
    more = padded(data, ending, len(data) + missing)
    assert 0 <= len(more) - len(data) - missing <= 20 - min(missing, 20)
    assert np.array_equal(np.asarray(opened(more)), np.asarray(opened(data)))


def test_who_cannot_be_helped_is_told_what_was_reached() -> None:
    asked = picture(300, 300)
    with pytest.raises(UserError) as caught:
        encode(asked, "jpeg", Limit(max_kb=0.5))
    assert str(caught.value).startswith("This picture does not fit into 0.5 kB: the smallest JPEG file has ")
    reached = caught.value.params["reached"]
    assert len(encode(asked, "jpeg", Limit(max_kb=reached))) <= reached * 1000
    with pytest.raises(UserError) as caught:
        encode(asked, "webp", Limit(min_kb=900))
    assert caught.value.key == "error.file_under_least"

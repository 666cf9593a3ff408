"""Recipe and the one path: what every cutout promises, whatever the photo."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import bgdemo
from bgdemo import Stroke, pipeline, remove
from bgdemo.decode import Source, decode
from bgdemo.errors import UserError
from bgdemo.images import Matte, Metadata, Photo
from bgdemo.matte import segmentation
from bgdemo.matte.models import DEFAULT_MODEL, MODELS, PLATE, WITH_FEATURES, ModelSpec
from bgdemo.matte.strokes import TouchUp
from bgdemo.messages import say
from bgdemo.picture.encoding import FORMATS, encode
from bgdemo.picture.looks import Blur, Crop, Look, Outline, Shadow, Size, Solid
from bgdemo.picture.papers import PAPERS, Sheet
from bgdemo.pipeline import finish, keeps_pixels, notes, preview, render, say_printed, segment
from bgdemo.recipes import Recipe
from bgdemo.words import recipe_of
from tests import places
from tests.picture.files import opened

EXAMPLES = Path(__file__).parent.parent / "bgdemo" / "examples"
CAT = EXAMPLES / "kucing.jpg"
BUNDLED = [spec.id for spec in MODELS.values() if spec.bundled]


def told(source: Source, recipe: Recipe = Recipe()) -> list[str]:  # noqa: B008
    """What an Indonesian visitor reads beside a result."""
    photo = decode(source)
    matte = segment(photo, recipe)
    return notes(photo, matte, render(photo, matte, recipe), recipe)("id")


@pytest.mark.parametrize("alpha_matting", [False, True])
@pytest.mark.parametrize("model", BUNDLED)
def test_what_a_cutout_promises(model: str, alpha_matting: bool) -> None:
    photo = decode(CAT)
    image = bgdemo.remove(CAT, model=model, alpha_matting=alpha_matting)
    assert image.mode == "RGBA"
    assert image.size == photo.size
    assert image.info["Model"] == model
    rgba = np.asarray(image)
    opaque, gone = rgba[..., 3] == 255, rgba[..., 3] == 0
    assert 0.1 < opaque.mean() < 0.9
    assert gone.mean() > 0.1
    assert np.array_equal(rgba[opaque][:, :3], photo.rgb[opaque])
    assert not rgba[gone].any()


def test_python_gives_the_same_pixels_as_the_file() -> None:
    png = bgdemo.remove_to_png(CAT, model="u2netp")
    assert png == bgdemo.remove_to_png(CAT.read_bytes(), model="u2netp")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), np.asarray(bgdemo.remove(CAT, model="u2netp")))


def test_profile_resolution_and_turn_survive_and_camera_data_does_not(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    path = tmp_path / "kucing.jpg"
    cat = Image.open(io.BytesIO(CAT.read_bytes()))
    cat.save(path, exif=exif, icc_profile=profile, dpi=(300, 300), xmp=b"<x:xmpmeta/>")
    assert b"a camera" in path.read_bytes()
    png = bgdemo.remove_to_png(path, model="u2netp")
    image = Image.open(io.BytesIO(png))
    image.load()
    assert image.size == cat.size[::-1]
    assert image.info["icc_profile"] == profile
    assert [round(value) for value in image.info["dpi"]] == [300, 300]
    assert b"a camera" not in png
    assert set(image.info) == {"icc_profile", "dpi", "Model"}


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (3, 500)])
@pytest.mark.parametrize("alpha_matting", [False, True])
@pytest.mark.filterwarnings("ignore:We could not find a clear subject")
def test_extreme_shapes(size: tuple[int, int], alpha_matting: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    assert bgdemo.remove(Image.fromarray(noise), model="u2netp", alpha_matting=alpha_matting).size == size


ellipse = np.hypot(*np.meshgrid(np.linspace(-1.5, 1.5, 64), np.linspace(-1.5, 1.5, 64)))
MATTE = Matte(np.clip((1.1 - ellipse) * 6, 0, 1).astype(np.float32), "u2netp")


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_transparency_of_the_photo_is_kept(width: int, height: int, alpha_matting: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    alpha = random.choice(np.array([0, 80, 255], np.uint8), (height, width))
    cutout = render(Photo(rgb, alpha), MATTE, Recipe(alpha_matting=alpha_matting)).rgba
    plain = render(Photo(rgb), MATTE, Recipe(alpha_matting=alpha_matting)).rgba
    assert (cutout[..., 3] == np.minimum(alpha, plain[..., 3])).all()
    own = (cutout[..., 3] == alpha) & (alpha > 0)
    assert np.array_equal(cutout[own][:, :3], rgb[own])
    assert not cutout[cutout[..., 3] == 0].any()


def test_a_draft_keeps_what_a_cutout_promises() -> None:
    opacity = np.full((40, 60), 255, np.uint8)
    opacity[:, :30] = 100
    photo = Photo(np.full((40, 60, 3), 90, np.uint8), opacity)
    matte = Matte(np.repeat(np.array([[0, 0.5, 1]], np.float32), 2, 0), DEFAULT_MODEL)
    rgba = pipeline.draft(photo, matte).rgba
    assert rgba.shape == (40, 60, 4)
    assert (rgba[rgba[..., 3] == 0] == 0).all()
    assert (rgba[rgba[..., 3] == 255, :3] == 90).all()
    assert rgba[:, 0, 3].max() == 0 and rgba[:, :30, 3].max() <= 100 and rgba[:, -1, 3].min() == 255


def test_a_draft_of_a_small_photo_has_the_mean_of_its_matte() -> None:
    """Picking single values instead would show as speckles where the matte is finer than the photo."""
    matte = np.zeros((120, 120), np.float32)
    matte[::3] = 1
    rgba = pipeline.draft(Photo(np.full((12, 40, 3), 90, np.uint8)), Matte(matte, DEFAULT_MODEL)).rgba
    assert np.abs(rgba[..., 3].astype(int) - 85).max() <= 26  # ten rows of which three or four are opaque


@pytest.mark.parametrize(("paper", "size", "said"), [("10x15", (3, 4), "9 foto di"), ("a4", (15, 20), "1 foto di")])
def test_how_many_prints_there_are_is_told(paper: str, size: tuple[float, float], said: str) -> None:
    recipe = Recipe("u2netp", look=Look(WHITE, size=Size.of_paper(*size), sheet=Sheet(paper)))
    printed = finish(render(NOISE, MATTE, recipe), NOISE, recipe).printed
    assert printed
    assert say_printed(printed, "id") == f"{said} kertas {PAPERS[paper].name}"


def test_a_mask_has_no_sheet() -> None:
    recipe = Recipe("u2netp", look=Look(size=Size.of_paper(3, 4), sheet=Sheet()), format="mask")
    cutout = render(NOISE, MATTE, recipe)
    assert finish(cutout, NOISE, recipe).pixels.shape == (472, 354, 4)


NOISE = Photo(np.random.default_rng(5).integers(0, 256, (48, 64, 3), np.uint8))
WHITE = Solid((255, 255, 255))


@pytest.mark.parametrize(
    "look", [Look(), Look(WHITE), Look(Blur(), Shadow("contact"), Outline(40)), Look(None, Shadow())]
)
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_keeps_the_photo_s_values_exactly_where_that_is_said(kind: str, look: Look) -> None:
    recipe = Recipe(look=look, format=kind)
    cutout = render(NOISE, MATTE, recipe)
    written = opened(encode(finish(cutout, NOISE, recipe), kind)).convert("RGB")
    opaque = cutout.rgba[..., 3] == 255
    assert opaque.mean() > 0.1
    assert keeps_pixels(NOISE, recipe) == np.array_equal(np.asarray(written)[opaque], NOISE.rgb[opaque])


@pytest.mark.parametrize(
    ("recipe", "kept"),
    [
        (Recipe(look=Look(crop=Crop("subject", 1.0, zoom=0.7, shift=(0.1, 0)))), True),
        (Recipe(look=Look(size=Size(300, 300))), False),
        (Recipe(look=Look(size=Size(300, None))), False),
        (Recipe(look=Look(sheet=Sheet())), False),
        (Recipe(look=Look(crop=Crop("head"))), False),
        (Recipe(look=Look(), format="jpeg"), False),
    ],
)
def test_what_is_resampled_or_lossy_does_not_keep_the_photo_s_values(recipe: Recipe, kept: bool) -> None:
    assert keeps_pixels(NOISE, recipe) == kept


def test_a_sticker_whose_rim_lies_on_the_subject_does_not_say_that_it_keeps_it() -> None:
    recipe = Recipe(look=Look(outline=Outline(40)))
    whole = Matte(np.ones((48, 64), np.float32), "u2netp")
    pixels = finish(render(NOISE, whole, recipe), NOISE, recipe).pixels
    assert not np.array_equal(pixels[..., :3], NOISE.rgb)
    assert not keeps_pixels(NOISE, recipe)


def test_a_photo_that_decoding_had_to_change_does_not_keep_its_values() -> None:
    assert keeps_pixels(decode(CAT), Recipe())
    cmyk = Image.open(CAT).convert("CMYK")
    assert not keeps_pixels(decode(cmyk), Recipe())


@pytest.mark.parametrize(
    ("ending", "channels"),
    [(".png", 1), (".png", 3), (".png", 4), (".tiff", 1), (".tiff", 3), (".pgm", 1), (".ppm", 3)],
)
def test_a_photo_of_16_bits_is_reduced_and_that_is_said(ending: str, channels: int) -> None:
    for kind, kept in ((np.uint16, False), (np.uint8, True)):
        pixels = np.random.default_rng(1).integers(0, np.iinfo(kind).max, (9, 9, channels), kind, endpoint=True)
        photo = decode(cv2.imencode(ending, pixels)[1].tobytes())
        assert keeps_pixels(photo, Recipe()) == kept
        assert ("note.reduced" in photo.notes) != kept


def test_preview_is_small_and_keeps_the_rest() -> None:
    photo = Photo(np.zeros((300, 900, 3), np.uint8), np.full((300, 900), 9, np.uint8), Metadata(dpi=(72, 72)), ("x",))
    small = preview(photo, 300)
    assert small.size == (300, 100)
    assert small.alpha is not None
    assert (small.alpha == 9).all()
    assert (small.metadata, small.notes) == (photo.metadata, photo.notes)
    assert preview(photo, 900) is photo
    assert preview(Photo(np.zeros((1, 20_000, 3), np.uint8)), 100).size == (100, 1)


@pytest.mark.filterwarnings("ignore:We found no face")  # of a cat
def test_a_png_of_an_office_s_id_photo_is_not_squeezed_into_what_its_jpeg_may_have() -> None:
    asked = {"id_photo": "snpmb", "model": "u2netp"}
    assert bgdemo.remove_to_png(CAT, **asked) == bgdemo.remove_to_file(CAT, format="png", **asked)
    assert len(bgdemo.remove_to_png(CAT, **asked)) > 100_000


def test_a_model_that_cannot_be_fetched_gives_the_bundled_result_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("U2NET_HOME", raising=False)
    (tmp_path / "file").write_text("where rembg's home should be")
    monkeypatch.setenv("REMBG_HOME", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="could not be downloaded"):
        image = bgdemo.remove(CAT, model="silueta")
    assert image.info["Model"] == DEFAULT_MODEL
    assert np.array_equal(np.asarray(image), np.asarray(bgdemo.remove(CAT)))
    [note] = told(CAT, Recipe(model="silueta"))
    assert "gagal diunduh" in note
    assert MODELS[DEFAULT_MODEL].name("id") in note


def test_no_clear_subject_is_said_and_the_best_guess_still_given() -> None:
    blank = Image.new("RGB", (60, 40), "white")
    with pytest.warns(UserWarning, match="clear subject"):
        assert bgdemo.remove(blank).size == (60, 40)
    assert told(blank) == [say("note.no_subject", "id")]


def test_the_network_runs_once_for_any_number_of_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = decode(CAT)
    matte = segment(photo, Recipe(model="u2netp"))
    monkeypatch.setattr(segmentation, "_session", None)  # any further use of a network would fail
    first = render(photo, matte, Recipe(model="u2netp"))
    again = render(photo, matte, Recipe(model="u2netp"))
    hair = render(photo, matte, Recipe(model="u2netp", alpha_matting=True))
    assert np.array_equal(first.rgba, again.rgba)
    assert not np.array_equal(first.rgba, hair.rgba)
    assert pipeline.preview(photo, 200).size[0] <= 200


def test_a_mask_has_no_background() -> None:
    mask = Image.open(io.BytesIO(bgdemo.remove_to_file(CAT, model="u2netp", background="white", format="mask")))
    alpha = bgdemo.remove(CAT, model="u2netp").getchannel("A")
    assert np.array_equal(np.asarray(mask), np.asarray(alpha))


# ---- by hand --------------------------------------------------------------------------------------------------------


def line(keep: bool, y: float, width: float = 0.2) -> Stroke:
    return Stroke(keep, width, [(0.1, y), (0.9, y)])


@pytest.mark.parametrize("alpha_matting", [False, True])
def test_what_a_stroke_covers_does_what_it_says_in_the_photo_s_own_colours(alpha_matting: bool) -> None:
    touch_up = TouchUp((line(True, 0.02), line(False, 0.5)))
    rgba = render(NOISE, MATTE, Recipe(alpha_matting=alpha_matting, touch_up=touch_up)).rgba
    kept, erased = rgba[:3, 10:54], rgba[21:27, 10:54]
    assert (kept[..., 3] == 255).all()
    assert np.array_equal(kept[..., :3], NOISE.rgb[:3, 10:54])
    assert not erased.any()


def test_where_strokes_contradict_each_other_the_later_one_wins() -> None:
    middle = (24, 32)
    for last in (True, False):
        touch_up = TouchUp((line(not last, 0.5), line(last, 0.5)))
        assert render(NOISE, MATTE, Recipe(touch_up=touch_up)).rgba[middle][3] == 255 * last


def test_a_stroke_shows_nothing_that_the_photo_hides() -> None:
    opacity = np.zeros((48, 64), np.uint8)
    opacity[:, 32:] = 255
    cutout = render(Photo(NOISE.rgb, opacity), MATTE, Recipe(touch_up=TouchUp((line(True, 0.5),)))).rgba
    assert not cutout[:, :32].any()
    assert (cutout[24, 33:57, 3] == 255).all()


def unclear(photo: Photo, spec: ModelSpec, report: object = None, mirrored: bool = False) -> Matte:
    return Matte(np.full((9, 9), 0.1, np.float32), spec.id, clear=False)


def test_a_subject_that_was_found_by_hand_is_not_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One who only erases has not said what the subject is."""
    monkeypatch.setattr(segmentation, "predict", unclear)
    kept = bgdemo.remove(CAT, strokes=[line(True, 0.5)])  # a warning would be an error
    assert np.asarray(kept)[306, 306, 3] == 255
    for options in ({"strokes": [line(False, 0.5)]}, {"fill_holes": True}):
        with pytest.warns(UserWarning, match="clear subject"):
            bgdemo.remove(CAT, **options)


FINE, COARSE = MODELS[DEFAULT_MODEL].parts


def half_seen(photo: Photo, spec: ModelSpec, report: object = None, mirrored: bool = False) -> Matte:
    alpha = np.zeros((100, 100), np.float32)
    alpha[:, : 30 if spec.id == COARSE else 80] = 1
    return Matte(alpha, spec.id)


def test_where_the_networks_disagree_the_result_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "predict", half_seen)
    with pytest.warns(UserWarning, match="may be incomplete"):
        bgdemo.remove(CAT)
    assert told(CAT) == [say("note.incomplete", "id")]
    assert told(CAT, Recipe(touch_up=TouchUp((line(True, 0.5),)))) == []
    bgdemo.remove(CAT, model="isnet-general-use")


@pytest.mark.parametrize(("model", "fine", "coarse"), [("best", 0.6, 0.03), (FINE, 0.6, 1), (COARSE, 1, 0.28)])
def test_the_result_of_a_network_that_is_not_sure_of_much_is_doubted(
    model: str, fine: float, coarse: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_sure(photo: Photo, spec: ModelSpec, report: object = None, mirrored: bool = False) -> Matte:
        alpha = np.zeros((100, 100), np.float32)
        alpha[:, :50] = 1
        alpha[:, 50:68] = coarse if spec.id == COARSE else fine
        return Matte(alpha, spec.id)

    monkeypatch.setattr(segmentation, "predict", half_sure)
    with pytest.warns(UserWarning, match="may be incomplete"):
        bgdemo.remove(CAT, model=model)


# ---- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "look", "key"),
    [
        ((1000, 1000), Look(size=Size(11_500, None)), "error.picture_too_large"),
        ((1000, 2000), Look(size=Size(11_500, None)), "error.size_range"),
        ((1000, 1000), Look(crop=Crop(zoom=0.05)), "error.picture_too_large"),
        ((1000, 1000), Look(crop=Crop(shift=(2, 0))), "error.crop_outside"),
        ((9000, 5000), Look(crop=Crop(box=(0, 0, 1, 0.5), zoom=0.4)), "error.picture_too_large"),
        ((1000, 1000), Look(), None),
        ((1000, 1000), Look(size=Size(11_000, None)), None),
        ((1000, 1000), Look(crop=Crop("subject", zoom=0.05)), None),  # which depends on the subject
    ],
)
def test_a_picture_that_would_be_too_large_is_refused_before_any_network_runs(
    size: tuple[int, int], look: Look, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*_: object) -> Matte:
        raise ZeroDivisionError("a network ran")

    monkeypatch.setattr(segmentation, "predict", found)
    with pytest.raises((UserError, ZeroDivisionError)) as caught:
        pipeline.make(Image.new("RGB", size), Recipe(look=look))
    assert getattr(caught.value, "key", None) == key


def test_an_id_photo_of_an_animal_is_made_by_its_silhouette_and_that_is_said() -> None:
    with pytest.warns(UserWarning, match="We found no face"):
        picture = bgdemo.remove(CAT, model="u2netp", id_photo="us")
    assert picture.size == (602, 602)
    assert picture.getpixel((3, 3)) == (255, 255, 255, 255)


def test_what_is_said_of_a_head_is_said_in_the_visitor_s_language() -> None:
    assert told(CAT, recipe_of({"model": "u2netp", "id_photo": "3x4"})) == [say("note.no_face", "id")]


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("butterfly", [(545, 125), (560, 190), (700, 130)], [(403, 340), (420, 20), (600, 400)]),
        ("astronaut", [(60, 440), (230, 100)], [(8, 460), (20, 500)]),
    ],
)
def test_what_was_drawn_on_an_example_says_what_the_networks_get_wrong(
    name: str, inside: list[tuple[int, int]], outside: list[tuple[int, int]]
) -> None:
    """At places of pixels of the photo (x, y), of which the networks alone miss some."""
    strokes = (EXAMPLES / f"{name}-strokes.json").read_text("utf-8")
    alpha = remove(EXAMPLES / f"{name}.jpg", strokes=strokes).getchannel("A")
    assert [alpha.getpixel(place) for place in inside] == [255] * len(inside)
    assert [alpha.getpixel(place) for place in outside] == [0] * len(outside)


def test_with_a_plate_no_network_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def predict(*_: object, **__: object) -> Matte:
        pytest.fail("a network was asked")

    monkeypatch.setattr(segmentation, "predict", predict)
    photo, plate = places.files(tmp_path)
    image = bgdemo.remove(photo, plate=plate, model="u2netp")
    found = np.asarray(image)[..., 3] >= 128
    truth = places.mask()
    assert (found & truth).sum() / (found | truth).sum() > 0.97
    assert image.info["Model"] == PLATE
    assert told(photo, recipe_of({"plate": plate})) == []


def test_strokes_are_understood_with_a_plate_too(tmp_path: Path) -> None:
    source, plate = places.files(tmp_path)
    photo = decode(source)
    erase = Stroke(keep=False, width=0.08, points=[(0.7, 0.55), (0.85, 0.6)])  # the smaller of both things
    known: dict[str, Matte] = {}
    recipe = recipe_of({"plate": plate, "strokes": [erase]})
    matte = segment(photo, recipe, known=known)
    assert known.keys() == {PLATE, WITH_FEATURES}
    assert matte.features
    alpha = render(photo, matte, recipe).rgba[..., 3]
    assert alpha[150:190, 120:200].min() > 200
    assert alpha[205:215, 340:400].max() == 0


def test_a_photo_of_the_empty_scene_itself_has_no_clear_subject(tmp_path: Path) -> None:
    _, plate = places.files(tmp_path)
    assert told(plate, recipe_of({"plate": plate})) == [say("note.no_subject", "id")]


def test_a_plate_that_does_not_match_is_an_error_and_no_model_steps_in() -> None:
    with pytest.raises(UserError) as caught:
        bgdemo.remove(Image.fromarray(places.scene(places.place())), plate=Image.fromarray(places.place("dog.jpg")))
    assert caught.value.key == "error.plate_mismatch"
    for language in ("en", "id"):
        assert len(caught.value.text(language)) > 40

"""Many photos at a time, in a real browser: a drop of files, a folder or a ZIP, and one ZIP to take away."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import Page, expect

import bgdemo
from bgdemo.messages import Language, say
from tests.browser.hands import drag, place
from tests.browser.page_actions import (
    PHONE,
    Visit,
    act,
    choose,
    download,
    drop,
    error,
    give_many,
    open_tool,
    states,
    tile,
    wait_for_all,
    wait_for_result,
)
from tests.files import assert_same_file
from tests.server import EXAMPLES, App

CUP, DOG, KUCING = (EXAMPLES / f"{name}.jpg" for name in ("cup", "dog", "kucing"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve files: two broken, two of the same name, one folder deep."""
    photos = tmp_path / "foto toko"
    (photos / "baru").mkdir(parents=True)
    for number in range(4):
        shutil.copy(CUP, photos / f"IMG_{number}.jpg")
    for name in ("kucing", "dog", "astronaut", "butterfly"):
        shutil.copy(EXAMPLES / f"{name}.jpg", photos / f"{name}.jpg")
    (photos / "broken.jpg").write_bytes(b"no photo")
    (photos / "half.jpg").write_bytes(DOG.read_bytes()[:20_000])
    shutil.copy(DOG, photos / "baru" / "kucing.jpg")
    shutil.copy(CUP, photos / "baru" / "zebra.jpg")
    (photos / "catatan.txt").write_text("no photo, and not taken for one")
    return photos


def entries(page: Page) -> dict[str, bytes]:
    name, data = download(page, "#download-zip")
    assert name == "photos-removedbg.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize(("options", "language"), [({}, "en"), ({**PHONE, "locale": "id-ID"}, "id")])
def test_a_folder_of_twelve_files_becomes_a_zip(
    visit: Visit, folder: Path, options: dict[str, object], language: Language
) -> None:
    page = visit(**options)
    drop(page, folder)
    expect(page.locator("#tiles li")).to_have_count(12)
    expect(page.locator("#many-status")).to_contain_text("12")
    act(tile(page, "zebra.jpg"), "remove").click()  # cancelled before its turn
    expect(page.locator("#tiles li")).to_have_count(11)
    wait_for_all(page)
    assert sorted(states(page)) == ["done"] * 9 + ["failed"] * 2
    expect(tile(page, "half.jpg").locator(".said")).to_have_text(say("error.truncated", language))
    expect(page.locator("#many-status")).to_have_text(say("ui.all_done_but", language, done=9, failed=2))

    broken = tile(page, "broken.jpg")
    act(broken, "retry").click()
    expect(broken).to_have_attribute("data-state", "failed")
    page.locator("#many-filter").get_by_text(say("ui.many.failed_ones", language)).click()
    expect(page.locator("#tiles li")).to_have_count(2)
    page.locator("#many-filter").get_by_text(say("ui.many.all", language)).click()

    touched = tile(page, "kucing.jpg", 1)
    before = touched.locator("img").get_attribute("src")
    act(touched, "open").click()
    wait_for_result(page, "612×612")
    open_tool(page, "touch")
    page.locator("[name=brush]").nth(1).check()
    drag(page, place(page, 0.3, 0.4), place(page, 0.5, 0.4))
    expect(page.locator("#download")).to_be_enabled()
    strokes = page.evaluate("visit.touch.strokes()")
    assert len(strokes) == 1
    page.click("#many-back")
    expect(touched.locator(".said")).to_have_text(say("ui.many.touched", language))
    expect(page.locator("#tool-touch")).to_be_hidden()
    expect(page.locator("#panel-touch")).to_be_hidden()
    expect(touched.locator("img")).not_to_have_attribute("src", str(before))
    wait_for_all(page)

    found = entries(page)
    cup = bgdemo.remove_to_png(CUP)
    expected = {f"foto toko/IMG_{number}-removedbg.png": cup for number in range(4)}
    for name in ("dog", "astronaut", "butterfly"):
        expected[f"foto toko/{name}-removedbg.png"] = bgdemo.remove_to_png(EXAMPLES / f"{name}.jpg")
    expected["foto toko/baru/kucing-removedbg.png"] = expected["foto toko/dog-removedbg.png"]
    expected["foto toko/kucing-removedbg.png"] = bgdemo.remove_to_png(
        KUCING, strokes=[bgdemo.Stroke(one["keep"], one["width"], one["points"]) for one in strokes]
    )
    assert found.keys() == expected.keys()
    for name, data in expected.items():
        assert_same_file(found[name], data)


def fast(page: Page) -> None:
    page.locator('#model input[value="u2netp"]').check()


def test_one_look_counts_for_all_and_no_network_runs_again(visit: Visit, app: App) -> None:
    page = visit()
    give_many(page, CUP, DOG)
    fast(page)
    wait_for_all(page)
    runs = app.networks_run()
    choose(page, "background", "studio")
    page.locator("#format").select_option("jpeg")
    made = "() => [...document.querySelectorAll('.tile')].every((tile) => tile.dataset.drawn.includes('-studio.jpg'))"
    page.wait_for_function(made)
    wait_for_all(page)
    found = entries(page)
    assert found.keys() == {"cup-studio.jpg", "dog-studio.jpg"}
    for data in found.values():
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == "JPEG"
    assert app.networks_run() == runs


def test_a_zip_and_what_joins_it_later(visit: Visit, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "fotos.zip", "w") as archive:
        archive.write(CUP, "dalam/cup.jpg")
    (tmp_path / "bad.zip").write_bytes(b"no ZIP")
    page = visit()
    give_many(page, tmp_path / "fotos.zip")
    fast(page)
    expect(tile(page, "cup.jpg")).to_be_visible()
    give_many(page, DOG)
    give_many(page, tmp_path / "bad.zip")
    expect(page.locator("#many-wrong")).to_have_text(say("error.zip_damaged", "en"))
    wait_for_all(page)
    assert entries(page).keys() == {"dalam/cup-removedbg.png", "dog-removedbg.png"}
    name, data = tile_file(page, "dog.jpg")
    assert name == "dog-removedbg.png" and data[:4] == b"\x89PNG"


def tile_file(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as started:
        act(tile(page, name), "save").click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def test_a_reload_loses_nothing_and_what_is_paused_waits(visit: Visit) -> None:
    page = visit()
    give_many(page, CUP, DOG, KUCING)
    fast(page)
    expect(page.locator(".tile[data-state=done]").first).to_be_visible()
    page.click("#many-pause")
    expect(page.locator("#many-status")).to_contain_text(say("ui.paused", "en"))
    expect(page.locator(".tile:is([data-state=sending], [data-state=working])")).to_have_count(0)
    before = states(page)
    page.reload()
    expect(page.locator("#tiles li")).to_have_count(3)
    expect(page.locator("#many-pause")).to_have_text(say("ui.many.go_on", "en"))
    assert states(page) == before
    page.click("#many-pause")
    wait_for_all(page)
    page.click("#many-cancel")
    expect(page.locator("#many-cancel")).to_have_text(say("ui.many.really", "en"))
    page.click("#many-cancel")
    expect(page.locator("#tiles li")).to_have_count(0)
    expect(page.locator(".invitation strong")).to_be_visible()


def test_changes_to_one_photo_can_be_dropped(visit: Visit) -> None:
    page = visit()
    give_many(page, CUP, DOG)
    fast(page)
    wait_for_all(page)
    act(tile(page, "cup.jpg"), "open").click()
    wait_for_result(page, "960×640")
    page.get_by_role("radio", name=say("ui.more_models", "en")).wait_for()
    page.locator('#model input[value="isnet-general-use"]').check()
    expect(page.locator("#many-back")).to_have_text(say("ui.many.keep", "en"))
    page.click("#many-discard")
    expect(page.locator('#model input[value="u2netp"]')).to_be_checked()
    expect(tile(page, "cup.jpg").locator(".said")).to_have_text(say("ui.many.done", "en"))


def test_a_folder_without_photos_is_told(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = visit()
    drop(page, tmp_path / "empty")
    expect(error(page, "")).to_have_text(say("error.empty_folder", "en"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_among_many(visit: Visit, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    page = visit(color_scheme=scheme)
    give_many(page, CUP, tmp_path / "broken.jpg")
    fast(page)
    wait_for_all(page)
    page.add_script_tag(path=AXE_FILE_PATH)
    found = page.evaluate("axe.run('.gradio-container').then(({ violations }) => violations)")
    serious = [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]
    assert serious == []
    width = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(width) <= 0

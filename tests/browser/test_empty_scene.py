"""A photo of the empty scene, on the page."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

import bgdemo
from bgdemo.messages import say
from tests import places
from tests.browser.page_actions import Visit, choose_plate, download, give, wait_for_change, wait_for_result
from tests.files import assert_same_file


def test_a_plate_decides_the_subject_until_it_is_removed(visit: Visit, tmp_path: Path) -> None:
    photo, plate = places.files(tmp_path)
    page = visit()
    give(page, photo)
    wait_for_result(page, "480×360")
    wait_for_change(page, lambda: choose_plate(page, plate))
    expect(page.locator("#plate figcaption")).to_have_text(plate.name)
    assert_same_file(download(page)[1], bgdemo.remove_to_png(photo, plate=plate))

    page.reload()
    expect(page.locator("#plate figcaption")).to_have_text(plate.name)
    wait_for_change(page, lambda: page.locator("#plate figure button").click())
    expect(page.locator("#plate figure")).to_be_hidden()
    assert_same_file(download(page)[1], bgdemo.remove_to_png(photo))


def test_a_plate_that_does_not_match_is_told_where_it_was_chosen(visit: Visit, tmp_path: Path) -> None:
    photo, _ = places.files(tmp_path)
    other = tmp_path / "other.png"
    Image.fromarray(places.place("dog.jpg")).save(other)
    page = visit()
    give(page, photo)
    wait_for_result(page, "480×360")
    choose_plate(page, other)
    expect(page.locator('#plate [data-error="plate"]')).to_have_text(say("error.plate_mismatch", "en"))
    expect(page.locator("#download")).to_be_enabled()

"""A visit's files: found where they were uploaded, kept as long as the visit, read by nobody else, and deleted."""

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bgdemo.errors import UserError
from bgdemo.images import Metadata, Photo, Picture
from bgdemo.page import files
from bgdemo.page.files import GRACE, Disk, Folder, delete_older, of_a_full_disk, picture_of, uploaded
from tests.server import EXAMPLES


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the uploads, beside another one."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def photo(uploads: Path) -> Path:
    path = uploads / "a1b2" / "cat.jpg"
    path.parent.mkdir()
    path.write_bytes(b"a cat")
    return path


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


# ---- what was uploaded ----------------------------------------------------------------------------------------------


def test_what_was_uploaded_is_found(photo: Path) -> None:
    assert uploaded(str(photo)) == photo
    assert uploaded(f"{photo.parent}/../a1b2/./cat.jpg") == photo


@pytest.mark.parametrize(
    "path",
    [
        "/etc/hostname",
        "/",
        "",
        "..",
        "cat.jpg",
        str(EXAMPLES / "kucing.jpg"),
        "{uploads}",
        "{uploads}/../secret.jpg",
        "{uploads}/a1b2",
        "{uploads}/a1b2/../../secret.jpg",
        "{uploads}-other/secret.jpg",
        "{uploads}/a1b2/secret\0.jpg",
        pytest.param("{uploads}/a1b2/secret\ud800.jpg", id="surrogate"),
        pytest.param("{uploads}/" + 9000 * "x", id="too long"),
        None,
        7,
        ["{uploads}/a1b2/cat.jpg"],
    ],
)
def test_no_other_file_is_read(photo: Path, uploads: Path, path: Any) -> None:
    for secret in (uploads.parent / "secret.jpg", uploads.with_name("uploads-other") / "secret.jpg"):
        secret.parent.mkdir(exist_ok=True)
        secret.write_bytes(b"a secret")
    with pytest.raises(PermissionError):
        uploaded(path.format(uploads=uploads) if isinstance(path, str) else path)


def test_a_link_that_leads_out_of_the_uploads_is_not_followed(uploads: Path) -> None:
    link = uploads / "link.jpg"
    link.symlink_to(EXAMPLES / "kucing.jpg")
    with pytest.raises(PermissionError):
        uploaded(link)


def test_the_files_of_a_visit_are_no_uploads(photo: Path) -> None:
    """Even for somebody who has seen their address."""
    other = Folder()
    for path in (other.adopt(photo), other.add(b"a result", "cat.png"), other.path):
        with pytest.raises(PermissionError):
            uploaded(path)


def test_an_upload_is_adopted_and_outlives_its_own_deletion(photo: Path) -> None:
    own = Folder().adopt(photo)
    photo.unlink()
    assert own.name == "cat.jpg"
    assert own.read_bytes() == b"a cat"


def test_a_file_system_without_hard_links_will_do(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not here")

    monkeypatch.setattr(os, "link", refuse)
    own = Folder().adopt(photo)
    photo.unlink()
    assert own.read_bytes() == b"a cat"


def test_an_upload_that_was_deleted_cannot_be_adopted(photo: Path) -> None:
    photo.unlink()
    with pytest.raises(FileNotFoundError):
        Folder().adopt(uploaded(photo))


# ---- one visit's own ------------------------------------------------------------------------------------------------


def test_files_of_one_name_do_not_meet() -> None:
    folder = Folder()
    first, second = (folder.add(data, "cat.png") for data in (b"first", b"second"))
    assert (first.name, second.name) == ("cat.png", "cat.png")
    assert (first.read_bytes(), second.read_bytes()) == (b"first", b"second")


def test_nobody_can_guess_where_a_visit_s_files_are() -> None:
    folders = {Folder().path for _ in range(50)}
    assert len(folders) == 50
    assert min(len(folder.name) for folder in folders) >= 22


@pytest.mark.parametrize(("alpha", "ending"), [(255, "jpg"), (254, "webp")])
def test_pictures_for_the_screen_keep_what_is_transparent_and_are_small_where_nothing_is(
    alpha: int, ending: str
) -> None:
    pixels = np.full((8, 6, 4), (200, 30, 40, 255), np.uint8)
    pixels[0, 0, 3] = alpha
    files = Folder().add_pictures({name: Picture(pixels, Metadata(), "") for name in ("cutout", "photo")})
    assert [path.name for path in files.values()] == [f"cutout.{ending}", f"photo.{ending}"]
    with Image.open(files["cutout"]) as image:
        assert image.size == (6, 8)
        assert image.convert("RGB").getpixel((3, 4)) == pytest.approx((200, 30, 40), abs=6)
        assert image.has_transparency_data == (alpha < 255)


def test_a_photo_to_look_at_shows_nothing_of_what_it_hides() -> None:
    rgb = np.full((2, 2, 3), 200, np.uint8)
    alpha = np.array([[0, 1], [128, 255]], np.uint8)
    pixels = picture_of(Photo(rgb, alpha)).pixels
    assert pixels[..., 3].tolist() == alpha.tolist()
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert (pixels[alpha > 0, :3] == 200).all()
    assert (picture_of(Photo(rgb)).pixels == (200, 200, 200, 255)).all()


# ---- and their end --------------------------------------------------------------------------------------------------


def test_cleaning_keeps_what_is_named_and_what_a_browser_may_still_be_fetching() -> None:
    folder = Folder()
    kept, replaced, fresh = (folder.add(b"", name) for name in ("kept.png", "replaced.png", "fresh.png"))
    for path in (kept, replaced):
        age(path.parent, GRACE + 5)
    age(fresh.parent, GRACE - 5)
    folder.clean({kept})
    assert [path.exists() for path in (kept, replaced, fresh)] == [True, False, True]
    assert not replaced.parent.exists()
    folder.clean({kept})
    assert kept.exists()


@pytest.mark.parametrize("end", [lambda folder: folder.clean(set()), Folder.delete])
def test_there_may_be_nothing_to_delete(end: Callable[[Folder], None]) -> None:
    end(Folder())


def test_deleting_a_visit_s_files_leaves_nothing_of_them_and_everything_else(photo: Path, uploads: Path) -> None:
    folder, other = Folder(), Folder()
    folder.adopt(photo)
    folder.add(b"a result", "cat.png")
    theirs = other.add(b"another's", "dog.png")
    folder.delete()
    folder.delete()
    assert not folder.path.exists()
    assert {path for path in uploads.rglob("*") if path.is_file()} == {photo, theirs}


def test_nothing_is_written_any_more_for_a_visit_that_was_deleted(photo: Path, uploads: Path) -> None:
    """By work that could not be stopped when the visitor left: nobody would ever delete it."""
    folder = Folder()
    folder.add(b"a result", "cat.png")
    folder.delete()
    for write in (lambda: folder.add(b"late", "late.png"), lambda: folder.adopt(photo), lambda: folder.new("late.npy")):
        with pytest.raises(FileNotFoundError):
            write()
    assert not folder.path.exists()


def test_what_an_earlier_run_left_is_deleted_when_its_time_is_over(photo: Path, uploads: Path) -> None:
    """Folders of visits and uploads; what is younger, and the page's own files, stay."""
    old, young = Folder(), Folder()
    for folder in (old, young):
        folder.add(b"", "cat.png")
    age(old.path, 61)
    age(young.path, 59)
    young_photo, example = photo.with_name("young.jpg"), uploads / "c3d4" / "example.jpg"
    example.parent.mkdir()
    for path, seconds in ((photo, 61), (young_photo, 59), (example, 1000)):
        path.write_bytes(b"")
        age(path, seconds)
    delete_older(60, {example})
    assert [path.exists() for path in (old.path, young.path)] == [False, True]
    assert [path.exists() for path in (photo, young_photo, example)] == [False, True, True]
    young_photo.unlink()
    photo.write_bytes(b"")
    age(photo, 61)
    delete_older(60)
    assert not photo.parent.exists()


def test_a_folder_in_use_is_never_an_earlier_run_s() -> None:
    folder = Folder()
    age(folder.path, 1000)
    folder.touch()
    delete_older(60)
    assert folder.path.exists()
    folder.delete()
    folder.touch()


# ---- as much as there is room for -----------------------------------------------------------------------------------


def test_the_disk_is_full_when_the_settings_say_so(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk()
    folder = Folder(disk)
    folder.adopt(photo)  # a second name of the same file takes no more room
    disk.measure()
    assert (disk.used, disk.full) == (photo.stat().st_size, False)
    monkeypatch.setattr(files, "DISK_MEGABYTES", 4e-6)
    disk.measure()
    assert disk.full
    for write in (lambda: folder.add(b"", "cat.png"), lambda: folder.adopt(photo), disk.check):
        with pytest.raises(UserError, match="no room left"):
            write()


def test_the_disk_is_full_when_others_have_filled_it(uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk()
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: SimpleNamespace(free=files.SPARE - 1))
    disk.measure()
    assert disk.full


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)])
def test_a_disk_that_is_full_while_something_is_written_is_told(number: int, full: bool) -> None:
    assert bool(of_a_full_disk(OSError(number, "while writing"))) is full


def test_a_first_run_finds_nothing_to_delete() -> None:
    delete_older(0)


def test_a_file_that_is_wanted_again_is_not_deleted_under_whoever_wants_it() -> None:
    """A visitor comes back to a photo just as its copy is swept away as one that nobody needs any more."""
    folder = Folder()
    old = folder.add(b"1", "photo.jpg")
    os.utime(old.parent, (0, 0))

    class Kept(set[Path]):
        """What was kept as the sweep began; asked about a file, it finds that somebody is faster."""

        def __contains__(self, path: object) -> bool:
            renewing.start()
            renewing.join(0.2)
            return False

    answers: list[bool] = []
    renewing = threading.Thread(target=lambda: answers.append(folder.renew(old)))
    folder.clean(Kept())
    renewing.join()
    assert answers == [old.exists()]
    assert not folder.renew(old)


def test_a_file_that_was_renewed_stays() -> None:
    folder = Folder()
    old = folder.add(b"1", "photo.jpg")
    os.utime(old.parent, (0, 0))
    assert folder.renew(old)
    folder.clean([])
    assert old.exists()

"""`python -m bgdemo`, as people run it."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import bgdemo
from bgdemo import __main__ as command_line
from bgdemo import remove_to_file, remove_to_png

ROOT = Path(__file__).parent.parent
CAT = ROOT / "bgdemo" / "examples" / "kucing.jpg"


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bgdemo", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_one_photo_beside_the_original(tmp_path: Path) -> None:
    photo = tmp_path / "kucing.jpg"
    photo.write_bytes(CAT.read_bytes())
    done = run(photo, "--model", "u2netp")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "kucing-removedbg.png").read_bytes() == remove_to_png(CAT, model="u2netp")


def test_several_photos_with_a_progress_bar_and_one_that_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_text("no photo")
    other = tmp_path / "other.jpg"
    other.write_bytes(CAT.read_bytes())
    done = run(broken, CAT, other, "-o", tmp_path / "out", "--model", "u2netp", "--alpha-matting")
    assert done.returncode == 1
    assert f"{broken}: This file is not a photo" in done.stderr
    assert "3/3" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "kucing-removedbg.png",
        "other-removedbg.png",
    ]
    expected = remove_to_png(CAT, model="u2netp", alpha_matting=True)
    assert (tmp_path / "out" / "kucing-removedbg.png").read_bytes() == expected


def test_a_photo_that_meets_a_fault_does_not_end_the_run_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = tmp_path / "bad.jpg", tmp_path / "good.jpg"
    for path in (bad, good):
        path.write_bytes(CAT.read_bytes())
    make = command_line.make
    monkeypatch.setattr(command_line, "make", lambda path, recipe: make(path, recipe) if path == good else 1 / 0)
    assert command_line.main([str(bad), str(good), "--model", "u2netp"]) == 1
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert f"{bad}: This photo met a fault of the program" in told
    assert "2/2" in told
    assert (tmp_path / "good-removedbg.png").exists()


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = run(CAT, CAT, "-o", tmp_path / "file", "--model", "u2netp")
    assert done.returncode == 1
    assert done.stderr.count("could not be written: ") == 2
    assert "Traceback" not in done.stderr


def test_two_photos_of_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        (folder / "kucing.jpg").write_bytes(CAT.read_bytes())
    done = run(*(folder / "kucing.jpg" for folder in folders), "-o", tmp_path / "out", "--model", "u2netp")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "kucing-2-removedbg.png",
        "kucing-removedbg.png",
    ]


def test_finishing(tmp_path: Path) -> None:
    options = ["--background", "studio", "--shadow", "contact", "--outline", "white", "--crop", "subject 1:1"]
    done = run(CAT, "-o", tmp_path, "--model", "u2netp", *options, "--size", "300x300", "--format", "webp")
    assert (done.returncode, done.stderr) == (0, "")
    expected = remove_to_file(
        CAT,
        model="u2netp",
        background="studio",
        shadow="contact",
        outline="white",
        crop="subject 1:1",
        size="300x300",
        format="webp",
    )
    assert (tmp_path / "kucing-studio-300x300.webp").read_bytes() == expected
    done = run(CAT, "-o", tmp_path, "--model", "u2netp", "--background", CAT, "--id-photo", "3x4", "--format", "jpeg")
    assert done.returncode == 0
    with Image.open(tmp_path / "kucing-3x4.jpg") as image:
        assert image.size == (354, 472)


def test_a_sheet_without_a_paper_is_the_usual_one(tmp_path: Path) -> None:
    done = run(CAT, "-o", tmp_path, "--model", "u2netp", "--id-photo", "4x6", "--sheet")
    assert done.returncode == 0
    assert done.stderr.endswith(f"{CAT}: 4 prints on 10×15 cm\n")
    with Image.open(tmp_path / "kucing-4x6-sheet.png") as image:
        assert image.size == (1181, 1772)


def test_bad_options_are_one_line(tmp_path: Path) -> None:
    for options in (
        ["--model", "nothing"],
        ["--alpha-matting", "--foreground-threshold", "300"],
        ["--size", "0x9"],
        ["--id-photo", "3x4", "--size", "300x300"],
        ["--sheet", "b5"],
        ["--strokes", tmp_path.with_name("nowhere.json")],
        ["--strokes", tmp_path],
        ["--strokes", CAT],
    ):
        done = run(CAT, *options, "-o", tmp_path)
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_its_version() -> None:
    assert run("--version").stdout == f"bgdemo {bgdemo.__version__}\n"

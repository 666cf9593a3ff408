"""`python -m bgdemo`, as people run it."""

import io
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import bgdemo
from bgdemo import __main__ as command_line
from bgdemo import pipeline, remove_to_file, remove_to_png

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
    decode = pipeline.decode
    monkeypatch.setattr(pipeline, "decode", lambda path: decode(path) if path == good else 1 / 0)
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


# ---- many photos ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small() -> bytes:
    """A photo that takes little time."""
    file = io.BytesIO()
    with Image.open(CAT) as image:
        image.reduce(4).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path, small: bytes) -> Path:
    """Photos in a folder and in one of that, and what is none beside them."""
    photos = tmp_path / "photos"
    for name in ("a.jpg", "deep/a.jpg", "deep/er/B.JPEG", "deep/a.jpg~", ".hidden/c.jpg", ".d.jpg", "notes.txt"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).write_bytes(small)
    return photos


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


MADE = ["a-removedbg.png", "deep/a-removedbg.png", "deep/er/B-removedbg.png"]


def test_a_folder_keeps_its_shape(tmp_path: Path, folder: Path, small: bytes) -> None:
    done = run(folder, "-o", tmp_path / "out", "--model", "u2netp")
    assert done.returncode == 0
    assert "3/3" in done.stderr
    assert files_in(tmp_path / "out") == MADE
    assert (tmp_path / "out" / "deep" / "er" / "B-removedbg.png").read_bytes() == remove_to_png(small, model="u2netp")


def test_what_an_earlier_run_made_is_no_photo(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_in(folder)
    assert command_line.main([str(folder), "--model", "u2netp"]) == 0
    assert files_in(folder) == sorted(before + MADE)
    assert command_line.main([str(folder), "--model", "u2netp", "--resume"]) == 0
    assert files_in(folder) == sorted(before + MADE)
    assert "3 of 3 photos are done already." in capsys.readouterr().err
    output = ["-o", str(folder / "out"), "--model", "u2netp"]
    assert command_line.main([str(folder / "deep"), *output]) == 0
    assert files_in(folder / "out") == ["a-removedbg.png", "er/B-removedbg.png"]
    (folder / "out" / "a-white.png").write_bytes(b"of another run")
    assert command_line.main([str(folder), *output, "--resume"]) == 0
    assert "1 of 3 photos are done already." in capsys.readouterr().err


def test_resuming_makes_what_is_missing_or_older_than_its_photo(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(folder), "-o", str(tmp_path / "out"), "--model", "u2netp", "--resume"]
    kept, old, _ = (tmp_path / "out" / name for name in MADE)
    for target in (kept, old):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("there already")
    os.utime(old, (1, 1))
    assert command_line.main(arguments) == 0
    assert "1 of 3 photos are done already." in capsys.readouterr().err
    assert kept.read_text() == "there already"
    assert files_in(tmp_path / "out") == MADE
    for name in MADE[1:]:
        with Image.open(tmp_path / "out" / name) as image:
            assert image.mode == "RGBA"


def test_globs_that_no_shell_expanded(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main([str(folder / "**" / "a.*g"), "-o", str(tmp_path / "out"), "--model", "u2netp"]) == 0
    assert files_in(tmp_path / "out") == ["a-2-removedbg.png", "a-removedbg.png"]
    assert command_line.main([str(folder / "*.webp"), "--model", "u2netp"]) == 1
    assert "There is no file" in capsys.readouterr().err


def test_everything_into_one_zip(tmp_path: Path, folder: Path, small: bytes) -> None:
    (tmp_path / "A.jpg").write_bytes(small)
    done = run(folder, tmp_path / "A.jpg", "--zip", tmp_path / "new" / "all.zip", "--model", "u2netp")
    assert done.returncode == 0
    expected = remove_to_png(small, model="u2netp")
    with zipfile.ZipFile(tmp_path / "new" / "all.zip") as made:
        assert sorted(made.namelist()) == sorted([*MADE, "A-2-removedbg.png"])
        assert {made.read(name) for name in made.namelist()} == {expected}
    assert files_in(tmp_path / "new") == ["all.zip"]


def test_a_zip_goes_in(tmp_path: Path, small: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    photos = tmp_path / "photos.zip"
    with zipfile.ZipFile(photos, "w") as file:
        for name, content in {"a.jpg": small, "../x/b.jpg": small, "c.jpg": b"no photo", "d.txt": b"text"}.items():
            file.writestr(name, content)
    assert command_line.main([str(photos), "--model", "u2netp"]) == 1
    assert files_in(tmp_path) == ["photos.zip", "photos/a-removedbg.png", "photos/x/b-removedbg.png"]
    assert f"{photos / 'c.jpg'}: This file is not a photo" in capsys.readouterr().err
    assert command_line.main([str(photos), "--model", "u2netp", "-o", str(tmp_path / "out")]) == 1
    assert files_in(tmp_path / "out") == ["a-removedbg.png", "x/b-removedbg.png"]


def test_what_failed_is_told_once_more_at_the_end(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, empty, bad = tmp_path / "broken.jpg", tmp_path / "empty", tmp_path / "bad.zip"
    broken.write_text("no photo")
    empty.mkdir()
    bad.write_text("no ZIP")
    arguments = [broken, empty, bad, folder / "a.jpg", "-o", tmp_path / "out", "--model", "u2netp"]
    assert command_line.main([str(argument) for argument in arguments]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[-4] == "3 of 4 failed:"
    assert sorted(line.partition(": ")[0] for line in told[-3:]) == sorted(map(str, (broken, empty, bad)))
    assert all(line in told[:-4] for line in told[-3:])
    assert files_in(tmp_path / "out") == ["a-removedbg.png"]


def test_nothing_but_failures_makes_no_zip(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_text("no photo")
    assert command_line.main([str(tmp_path / "broken.jpg"), "--zip", str(tmp_path / "all.zip")]) == 1
    assert files_in(tmp_path) == ["broken.jpg"]


def test_a_zip_that_cannot_be_written_is_told(tmp_path: Path, small: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").write_bytes(small)
    (tmp_path / "file").write_text("no folder")
    target = tmp_path / "file" / "all.zip"
    assert command_line.main([str(tmp_path / "a.jpg"), "--zip", str(target), "--model", "u2netp"]) == 1
    assert capsys.readouterr().err.startswith(f"{target} could not be written: ")


@pytest.mark.parametrize("options", [["--zip", "a.zip", "-o", "out"], ["--zip", "a.zip", "--resume"]])
def test_options_that_do_not_go_together(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main([str(CAT), *options])
    assert ended.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
@pytest.mark.parametrize("into", [["-o", "out"], ["--zip", "out/all.zip"]], ids=["files", "zip"])
def test_what_is_done_stays_when_it_is_interrupted(tmp_path: Path, small: bytes, into: list[str]) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(40):
        (tmp_path / "photos" / f"{number:02}.jpg").write_bytes(small)
    command = [sys.executable, "-m", "bgdemo", "photos", *into, "--model", "u2netp"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def hear_interrupts() -> None:  # which tests in the background of a shell were told to ignore
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, preexec_fn=hear_interrupts
    ) as running:
        assert running.stderr
        told = b""
        while b" 2/40" not in told:
            told += running.stderr.read(1)
        running.send_signal(signal.SIGINT)
        told += running.stderr.read()
    assert running.returncode == 130
    last = told.decode().splitlines()[-1]
    assert "Traceback" not in told.decode()
    assert (sentence := re.fullmatch(r"Interrupted: (\d+) of 40 are done, and stay\.", last))
    names = files_in(tmp_path / "out")
    if "--zip" in into:
        assert names == ["all.zip"]
        names = zipfile.ZipFile(tmp_path / "out" / "all.zip").namelist()
    assert 2 <= len(names) == int(sentence[1]) < 40
    assert all(name.endswith("-removedbg.png") for name in names)


def test_its_version() -> None:
    assert run("--version").stdout == f"bgdemo {bgdemo.__version__}\n"

"""What networks have made of many photos, on disk."""

from pathlib import Path

import numpy as np

from bgdemo.images import Matte
from bgdemo.page.files import Folder
from bgdemo.page.mattes import MatteStore


def matte(model: str, value: float, features: int = 0) -> Matte:
    planes = tuple(np.full((2, 3, 4), number, np.float16) for number in range(features))
    took = None if value == 0.25 else value
    return Matte(
        np.full((5, 6), value, np.float32), model, clear=False, whole=value > 0.5, features=planes, seconds=took
    )


def test_what_networks_predicted_comes_back_as_it_was() -> None:
    store, photo = MatteStore(Folder()), Path("a.jpg")
    known = {"isnet-general-use": matte("isnet-general-use", 0.25, 2), "u2netp, mirrored": matte("u2netp", 0.75)}
    store.save(photo, known | {"best": matte("best", 0.5)})  # which is fused from others, and is so again
    assert photo in store and Path("b.jpg") not in store
    found = store.load(photo)
    assert found.keys() == known.keys()
    for name, before in known.items():
        after = found[name]
        assert np.array_equal(after.alpha, before.alpha) and after.alpha.dtype == np.float32
        assert (after.model, after.clear, after.whole) == (before.model, before.clear, before.whole)
        assert after.seconds == before.seconds
        assert len(after.features) == len(before.features)
        assert all(np.array_equal(one, other) for one, other in zip(after.features, before.features, strict=True))


def test_only_the_photos_that_are_left_keep_their_files() -> None:
    folder = Folder()
    store = MatteStore(folder)
    for name in ("a.jpg", "b.jpg"):
        store.save(Path(name), {"u2netp": matte("u2netp", 0.5)})
    store.keep_only([Path("b.jpg")])
    assert not store.load(Path("a.jpg")) and store.load(Path("b.jpg"))
    assert len(list(folder.path.rglob("*.npz"))) == 1
    store.delete()
    assert not folder.path.exists()
    assert not store.load(Path("b.jpg"))

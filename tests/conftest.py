"""What several tests need: a photo, and the program that serves the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bgdemo.matte import segmentation
from tests.server import EXAMPLES, App, serve

# How fast a machine is says nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# In this process no network rests: it would run while a test may have put another one in its place.
segmentation.REST_SECONDS = 100_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser tests last: Playwright leaves its event loop running in the thread of the tests."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="session")
def kucing() -> Path:
    return EXAMPLES / "kucing.jpg"


@pytest.fixture(scope="session")
def kucing_png(kucing: Path) -> bytes:
    """What every door must answer for `kucing`."""
    import bgdemo

    return bgdemo.remove_to_png(kucing)

"""Work through the page's stages without a visit: what a worker does, one task after another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bgdemo.images import Matte, Photo
from bgdemo.matte.models import ModelSpec
from bgdemo.page.files import Folder
from bgdemo.page.mattes import MatteStore
from bgdemo.page.plan import plan
from bgdemo.page.results import Done, Results, Task
from bgdemo.page.stages import STAGES, Job, Tools
from bgdemo.page.wanted import Wanted, finish_of

MOST_TASKS = 40
"""Far more than any change takes: a plan that goes on is one that goes round in a circle."""


def wants(photo: Path, panel: Mapping[str, Any] | None = None, own: Path | None = None, **fields: Any) -> Wanted:
    return Wanted(photo=photo, finish=finish_of(panel or {}, own), **fields)


def run(task: Task, wanted: Wanted, done: Done, tools: Tools) -> Results:
    return STAGES[task.stage].run(Job(task, wanted, done, tools, lambda: None, lambda fraction: None))


class Driver:
    """One visitor's work: `done`, and the names of the stages that were passed since the last `drive`."""

    def __init__(self) -> None:
        self.tools = Tools(Folder(), MatteStore(Folder()))
        self.done = Done()
        self.passed: list[str] = []

    def drive(self, wanted: Wanted) -> Done:
        """Everything that `wanted` takes; what fails is taken down, as it is in a visit."""
        self.passed = []
        while task := plan(wanted, self.done):
            self.passed.append(task.stage)
            if len(self.passed) > MOST_TASKS:
                pytest.fail(f"no end: {self.passed}")
            try:
                self.done = self.done.with_results(run(task, wanted, self.done, self.tools))
            except Exception as error:
                self.done = self.done.with_failure(task, error)
        return self.done

    def file(self, wanted: Wanted) -> bytes:
        """The bytes of the file that `wanted` ends in."""
        written = self.drive(wanted).written
        assert written, self.done.failures
        return written.path.read_bytes()


def disc(photo: Photo, spec: ModelSpec, report: object = None) -> Matte:
    """In place of a network: a soft disc in the middle of whatever photo."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    return Matte(np.clip((0.7 - np.hypot(x, y)) * 10, 0, 1).astype(np.float32), spec.id)

"""Whatever is done to a project, in any order: labels that were given are labels that are kept."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from unittest.mock import patch

import numpy as np
import pytest
from fact.data.manifest import write_manifest
from fact.data.sources import own_images
from fact.infra.errors import ConfigError, FactError, MachineError
from fact.infra.files.csv_file import csv_text
from fact.model.labelled import labelled_of
from fact.project.before import read_before
from fact.project.folder import open_project
from fact.project.hand_out import hand_out
from fact.project.labels.sheet import write_sheet
from fact.project.labels_back import take_back
from fact.project.more import more_labels
from fact.project.to_label import batch
from fact.project.turn import own_turn
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PIL import Image
from projects import plain_page, selected

SHEET, ELSEWHERE = ["a.png", "b/a.png", "=c.png"], ["d.png", "M\u00f6we.png", "e.png"]
MEMORY = Path("/dev/shm")
CLASSES = st.sampled_from(["cat", "dog"])
# 2,010 steps; FACT_FUZZ_EXAMPLES=1667 does 50,000
EXAMPLES, STEPS = int(os.environ.get("FACT_FUZZ_EXAMPLES", "67")), 30
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda content: content[: len(content) // 2],
    "other bytes": lambda content: b"\xff\x00\xfe" + content[::-1],
    "empty": lambda _: b"",
}
OWN_FILES = [
    "labels.csv",
    "labels.json",
    "to_label/handed_out.json",
    "{index}/manifest.parquet",
    "{index}/files.csv",
]
# half of what a person or another program wrote may be a whole table
GIVEN_FILES = ["labels_journal.jsonl", "labels_back/export.csv", "to_label/to_label.csv"]


class Crash(BaseException):
    """The end of a process, which nothing catches."""


@contextmanager
def crash_at_write(number: int) -> Iterator[None]:
    """End the process at a write to the disk: some are done, and the others are not."""
    left = [number]

    def counted(call: Callable[..., None]) -> Callable[..., None]:
        def write(*arguments: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Crash
            call(*arguments)

        return write

    with patch("os.fsync", counted(os.fsync)), patch("os.replace", counted(os.replace)):
        yield


class Operations(RuleBasedStateMachine):
    """Images of ``SHEET`` are labelled in the sheet, others in an export that comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        # in memory where the system has such a place: every vote is synchronised with the disk
        self.place = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        for number, name in enumerate([*SHEET, *ELSEWHERE]):
            path = self.place / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path)
        self.project = selected(self.place / "birds", self.place / "images", SHEET)
        self.rows: dict[str, str] = {}
        self.kept: dict[str, str] = {}
        self.exported: dict[str, str] = {}
        self.aside: dict[str, str] = {}
        self.away: set[str] = set()
        self.chosen = list(SHEET)
        self.rounds = 1
        self.hand_out()

    def teardown(self) -> None:
        shutil.rmtree(self.place)

    @property
    def folder(self) -> Path:
        return self.project.folder

    @property
    def sheet(self) -> Path:
        return self.folder / "to_label/to_label.csv"

    @rule(name=st.sampled_from(SHEET), label=CLASSES)
    def fill_in(self, name: str, label: str) -> None:
        self.rows[name] = label
        self.write_rows()

    @rule(name=st.sampled_from(SHEET))
    def clear(self, name: str) -> None:
        self.rows.pop(name, None)
        self.write_rows()

    @rule()
    def lose_the_sheet(self) -> None:
        """What it said is kept, and the new, empty one takes nothing back; one of an earlier round stays."""
        if self.rounds > 1:
            return
        self.sheet.unlink()
        self.aside |= self.kept
        self.rows, self.kept = {}, {}
        self.hand_out()

    @rule(labels=st.dictionaries(st.sampled_from(ELSEWHERE), CLASSES, min_size=1))
    def export(self, labels: dict[str, str]) -> None:
        """An export of some images replaces the last one: others keep what it said."""
        self.exported |= labels
        path = self.folder / "labels_back/export.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(csv_text([["path", "label"], *map(list, labels.items())]), "utf-8")

    @rule()
    def put_the_export_away(self) -> None:
        (self.folder / "labels_back/export.csv").unlink(missing_ok=True)

    @rule(name=st.sampled_from([*SHEET, *ELSEWHERE]))
    def lose_or_find_an_image(self, name: str) -> None:
        path, aside = self.place / "images" / name, self.place / "aside" / name
        aside.parent.mkdir(parents=True, exist_ok=True)
        there, elsewhere = (aside, path) if name in self.away else (path, aside)
        if name not in self.away and len(self.away) > 3:
            return
        there.rename(elsewhere)
        self.away ^= {name}
        write_manifest(self.project.index, own_images.index(self.place / "images"))

    @rule()
    def move_the_project(self) -> None:
        target = self.folder.with_name("owls" if self.folder.name == "birds" else "birds")
        self.folder.rename(target)
        # as if it were opened there: its configuration names no place
        self.project = replace(self.project, folder=target)

    @rule()
    def go_on_in_a_copy(self) -> None:
        """What is done in the copy changes nothing in the first, which goes away then."""
        first, target = self.folder, self.folder.with_name(f"{self.folder.name}-copy")
        shutil.copytree(first, target, symlinks=True)
        self.project = replace(self.project, folder=target)
        shutil.rmtree(first)
        target.rename(first)
        self.project = replace(self.project, folder=first)

    @rule()
    def ask_for_more(self) -> None:
        """A further round has its own selection, the labelled images in front, and takes no label away."""
        if not self.project.labels.is_file():
            return
        try:
            self.project = more_labels(open_project(self.folder), "1img")
        except ConfigError as error:
            assert re.search("nothing was labelled since|more than the", str(error))
            return
        there = [name for name in (*SHEET, *ELSEWHERE) if name not in self.away]
        labelled = [name for name in there if name in read_before(self.project.before)]
        self.chosen = [*labelled, *(name for name in there if name not in labelled)][: len(labelled) + 1]
        self.project = selected(self.folder, self.place / "images", self.chosen)
        self.rounds += 1
        self.hand_out()

    @rule(name=st.sampled_from([*OWN_FILES, *GIVEN_FILES]), kind=st.sampled_from(sorted(DAMAGES)))
    def damage_a_file(self, name: str, kind: str) -> None:
        """Either nothing is lost or the file is named; once it is mended all goes on."""
        index = self.project.index.relative_to(self.folder)
        path = self.folder / name.format(index=index)
        if not path.is_file() or (name in GIVEN_FILES and kind != "other bytes"):
            return
        whole = {file: file.read_bytes() for file in self.folder.rglob("*") if file.is_file()}
        path.write_bytes(DAMAGES[kind](whole[path]))
        expected = self.visible()
        try:
            found = take_back(self.project).labels
        except (FactError, ValueError) as error:
            # where all labelled images are away, that is said whatever else is wrong
            nothing_left = not expected and "not one label" in str(error)
            assert path.stem in str(error) or nothing_left
        else:
            assert found == expected
        for file, content in whole.items():
            file.write_bytes(content)

    @rule(number=st.integers(0, 20))
    def be_killed(self, number: int) -> None:
        """A crash at any write: the files are whole, and the next time all labels are there."""
        try:
            with crash_at_write(number):
                take_back(self.project)
        except (Crash, ValueError):
            pass

    @rule()
    def start_a_second_command(self) -> None:
        refused = pytest.raises(MachineError, match="another `fact` command works in")
        with own_turn(self.folder), refused, own_turn(self.folder):
            pass

    def visible(self) -> dict[str, str]:
        """Labels that count: images of the selection whether or not they are there, others if they are."""
        if self.rows:
            self.kept = dict(self.rows)
        given = {**self.aside, **self.kept, **self.exported}
        return {name: label for name, label in given.items() if name in self.chosen or name not in self.away}

    @invariant()
    def labels_given_are_labels_kept(self) -> None:
        visible = self.visible()
        given = {**self.aside, **self.kept, **self.exported}
        if given and not visible:
            with pytest.raises(ValueError, match="not one label"):
                take_back(self.project)
            return
        found = take_back(self.project).labels
        assert found == visible, (found, visible)
        self.a_model_has_the_classes_of_its_project(visible)

    def a_model_has_the_classes_of_its_project(self, visible: dict[str, str]) -> None:
        there = {name: label for name, label in visible.items() if name not in self.away}
        if there:
            files = (self.project.index / "manifest.parquet", self.project.index / "classes.json")
            rows, classes = labelled_of(*map(str, files), [str(self.project.labels)])
            assert classes == sorted(set(visible.values())), (classes, visible)
            found = {
                name: classes[label] for name, label in zip(rows["sample_id"], rows["label"], strict=True)
            }
            assert found == there

    def write_rows(self) -> None:
        write_sheet(self.sheet, dict(zip(SHEET, SHEET, strict=True)))
        text = self.sheet.read_text("utf-8-sig")
        for name, label in self.rows.items():
            cell = f"'{name}" if name[0] == "=" else name
            text = text.replace(f'"{cell}","{cell}",""', f'"{cell}","{cell}","{label}"')
        self.sheet.write_text(text, "utf-8")

    def hand_out(self) -> None:
        hand_out(self.folder, batch(self.project), plain_page)


TestOperations = pytest.mark.slow(Operations.TestCase)
TestOperations.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)

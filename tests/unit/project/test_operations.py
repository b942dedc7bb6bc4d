"""Whatever is done to a project, in any order: labels that were given are labels that are kept."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from fact.data.manifest import write_manifest
from fact.data.sources import own_images
from fact.infra.files.csv_file import csv_text
from fact.project.advance import batch
from fact.project.hand_out import hand_out
from fact.project.labels.sheet import write_sheet
from fact.project.labels_back import take_back
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PIL import Image
from projects import selected

SHEET, ELSEWHERE = ["a.png", "b/a.png", "=c.png"], ["d.png", "M\u00f6we.png", "e.png"]
MEMORY = Path("/dev/shm")
CLASSES = st.sampled_from(["cat", "dog"])


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
        """What it said is kept, and the new, empty one takes nothing back."""
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

    @invariant()
    def labels_given_are_labels_kept(self) -> None:
        if self.rows:
            self.kept = dict(self.rows)
        given = {**self.aside, **self.kept, **self.exported}
        # those of the selection are taken whether or not they are there; others have to be
        visible = {name: label for name, label in given.items() if name in SHEET or name not in self.away}
        if given and not visible:
            with pytest.raises(ValueError, match="not one label"):
                take_back(self.project)
            return
        assert take_back(self.project).labels == visible

    def write_rows(self) -> None:
        write_sheet(self.sheet, dict(zip(SHEET, SHEET, strict=True)))
        text = self.sheet.read_text("utf-8-sig")
        for name, label in self.rows.items():
            cell = f"'{name}" if name[0] == "=" else name
            text = text.replace(f'"{cell}","{cell}",""', f'"{cell}","{cell}","{label}"')
        self.sheet.write_text(text, "utf-8")

    def hand_out(self) -> None:
        hand_out(self.folder, batch(self.project), "<html>")


TestOperations = pytest.mark.slow(Operations.TestCase)
TestOperations.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)

"""The kinds of files are those that the rules make, and what reads them is what the rules say."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fact.commands.inspection.artifacts import ARTIFACTS, Artifact, dependents, find
from fact.config import paths

RULES = Path(__file__).parents[3] / "workflow/rules"
# one rule of several that make a file, by the task or by the number of steps
ALSO = {
    "select_samples": "select_second_step",
    "train_probe": "train_segmentation_probe",
    "tune_backbone": "tune_segmenter",
    "fit_head": "fit_segmentation_head",
    "calibrate_labels": "take_surest",
    "get_weights": "pretrain_backbone",
}
# what a rule writes beside what it is for: times, what made a file, and what tests and pages read themselves
BESIDE = re.compile(
    r"timing\.json|made_by\.json|\.(?:pdf|png|svg|rst|html|md|tex)$|adapter|classes\.txt|shown|bare_loop|/timm/"
    r"|exports\.json|selftest|pool_profile|next_to_label\.json|pool_images|distortion"
)


# an f-string that begins with a path of the library, or such a path alone
SPELLED = re.compile(r'f"\{paths\.[^"]*"|(?<![{.\w])paths\.[A-Z_]+\b')


def rule_files(section: str) -> Iterator[tuple[str, str]]:
    """Rule and path pattern of every file that a section of a rule spells by the paths of the library."""
    for path in sorted(RULES.glob("*.smk")):
        rule, inside = "", False
        for line in path.read_text("utf-8").splitlines():
            if match := re.match(r"rule (\w+):", line):
                rule = match[1]
            elif match := re.match(r"    (\w+):", line):
                inside = match[1] == section
            elif inside:
                yield from ((rule, eval(text, {"paths": paths})) for text in SPELLED.findall(line))


MADE, READ = list(rule_files("output")), list(rule_files("input"))


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda artifact: artifact.pattern)
def test_a_kind_of_file_is_made_by_its_rule(artifact: Artifact) -> None:
    assert (artifact.rule, artifact.pattern) in MADE


@pytest.mark.parametrize(("rule", "pattern"), MADE)
def test_every_output_of_a_rule_is_a_kind_of_file(rule: str, pattern: str) -> None:
    known = {artifact.pattern: artifact.rule for artifact in ARTIFACTS}
    assert BESIDE.search(pattern) or known.get(pattern) == rule or ALSO.get(known.get(pattern, "")) == rule


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda artifact: artifact.pattern)
def test_what_reads_a_file_are_rules_that_are_there(artifact: Artifact) -> None:
    assert set(artifact.used_by) <= {rule for rule, _ in [*MADE, *READ]}


def test_a_path_of_the_results_has_its_names_and_its_root(tmp_path: Path) -> None:
    path = tmp_path / "study/results/runs/d/b/s/20img/seed3/lp-ft/map/score.json"
    found = find(path)
    assert found and found.artifact.what == "the score of phase 3" and found.names["head"] == "map"
    assert found.root == tmp_path / "study/results" and not list(dependents(found))
    assert find(tmp_path / "score.json") is None

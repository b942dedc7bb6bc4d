"""An audit: draw images at random from the unlabelled pool to measure the model on, and end it again.

While it stands its images are handed out like others, and their labels are kept apart from those that are
trained on. Models of later rounds are measured on the same images, as none was trained on them. Images of a
selection that was handed out are not drawn, and drawn ones are in no later selection that is: each is
labelled once.
"""

from pathlib import Path

import numpy as np

from fact.config.paths import AUDIT_DRAW, POOL_PREDICTIONS
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.data.selection_file import chosen_rows, read_chosen_paths
from fact.infra.errors import ConfigError
from fact.infra.files.publish import publish_text
from fact.infra.files.record import read_record
from fact.model.apart import apart_mask, read_grouped
from fact.model.audit import draw_strata
from fact.model.audit_file import Draw, accept_missing, read_draw, write_draw
from fact.model.pool_predictions import PoolPredictions, read_pool_predictions
from fact.project.audit_sheet import audit_sheet
from fact.project.folder import AUDIT, Project, open_project
from fact.project.hand_out import selected_before
from fact.project.settings import audit_text
from fact.seeds import derive_seed

FOLDER = "audit"


def begin_audit(project: Project, count: int, seed: int) -> Project:
    """Draw ``count`` images and write ``audit.yaml``; return the project as it is then.

    They are drawn from the pool without images that have a label, and without those of any selection that was
    handed out, which nobody is asked for twice. Raises FileNotFoundError without a model, and ConfigError
    where an audit stands, where too few images are left, and for a model that is older than the index.
    """
    if project.audit:
        raise ConfigError(
            f"{project.folder / AUDIT}: an audit of {len(audit_paths(project))} images stands; label those, "
            f"or end it first: fact audit {project.folder} --end"
        )
    pool = _free(project, _unlabelled(project), count)
    folder = _new_folder(project.folder)
    _draw(project, pool, count, path=folder / AUDIT_DRAW, seed=seed)
    publish_text(project.folder / AUDIT, audit_text(project.cell.dataset, folder.name))
    return open_project(project.folder)


def ignore_missing_labels(project: Project) -> None:
    """Note that images without a label lack it for no reason of their own. Raises ConfigError without an
    audit.
    """
    accept_missing(_standing(project) / AUDIT_DRAW)


def end_audit(project: Project) -> Project:
    """Take ``audit.yaml`` away: from now on its images are trained on like others.

    The record of the draw stays. Raises ConfigError without an audit.
    """
    _standing(project)
    (project.folder / AUDIT).unlink(missing_ok=True)
    return open_project(project.folder)


def ever_drawn(project: Project) -> set[str]:
    """Return the images of all audits, of those that have ended too. Raises what reading their files does."""
    return {name for path in project.folder.glob(f"{FOLDER}*/{AUDIT_DRAW}") for name in read_draw(path).paths}


def images_gone(project: Project) -> list[str]:
    """Return images of the audit that stands which have left the pool since: deleted or renamed."""
    rows = read_manifest(project.index / "manifest.parquet")
    pool = set(rows["sample_id"][rows["split"] == "pool"])
    return [name for name in audit_paths(project) if name not in pool]


def audit_paths(project: Project) -> dict[str, str]:
    """Return paths of the audit's images by sample id, in order; none where no audit stands."""
    return read_draw(project.audit / AUDIT_DRAW).paths if project.audit else {}


def _standing(project: Project) -> Path:
    if project.audit is None:
        raise ConfigError(f"{project.folder} has no audit; draw one: fact audit {project.folder} --images 30")
    return project.audit


def _unlabelled(project: Project) -> PoolPredictions:
    """Return what the model says of the unlabelled pool, of which there must be an image."""
    path = project.model / POOL_PREDICTIONS
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not there: there is no model to audit yet; label images, then "
            f"fact run {project.folder}"
        )
    pool = read_pool_predictions(path)
    if not pool.sample_ids:
        raise ConfigError(
            f"{path} names no image: the whole pool is labelled, and none can be drawn; measure on images of "
            "a test folder (fact new --test)"
        )
    known = set(read_manifest(project.index / "manifest.parquet")["sample_id"])
    if gone := [name for name in pool.sample_ids if name not in known]:
        raise ConfigError(
            f"{path} names {gone[0]}, which is not in the index: the model is older than it; "
            f"fact run {project.folder}"
        )
    return pool


def _free(project: Project, pool: PoolPredictions, count: int) -> PoolPredictions:
    """Return the images without a label that nobody is asked to label, of which there must be ``count``."""
    labelled = read_labels(project.labels) if project.labels.is_file() else {}
    asked = {*selected_before(project.folder), *read_chosen_paths(project.selection), *labelled}
    grouped = read_grouped([*pool.sample_ids, *asked], asked, project.groups)
    apart = apart_mask(pool.sample_ids, grouped)
    rows = [row for row, name in enumerate(pool.sample_ids) if name not in asked and apart[row]]
    if count > len(rows):
        others = len(pool.sample_ids) - len(rows)
        handed = "were handed out to be labelled" + (", or are of their groups" if grouped else "")
        without = f" ({others} more {handed})" if others else ""
        raise ConfigError(
            f"--images {count} is more than the {len(rows)} unlabelled images of the pool{without}; "
            f"{'ask for fewer' if rows else 'label those first'}"
        )
    ids, labels = ([column[row] for row in rows] for column in pool[:2])
    return PoolPredictions(ids, labels, pool.probabilities[rows])


def _draw(project: Project, pool: PoolPredictions, count: int, path: Path, seed: int) -> None:
    own = derive_seed("audit", seed)
    strata = draw_strata(pool.sample_ids, pool.probabilities, count, own)
    drawn = [name for part in strata for name in part.sample_ids]
    # mixed, so that their order does not tell how sure the model is
    order = np.random.default_rng(derive_seed(own, "order")).permutation(len(drawn))
    model = read_record(project.model / "config.json")["weights_sha256"]
    paths = dict.fromkeys((drawn[row] for row in order), "")
    draw = Draw(strata, paths, seed, pool=len(pool.sample_ids), model=model)
    rows = chosen_rows(read_manifest(project.index / "manifest.parquet"), draw.sample_ids, path)
    confidence = dict(zip(pool.sample_ids, pool.probabilities, strict=True))
    sheet = audit_sheet(project, dict(zip(rows["sample_id"], rows["locator"], strict=True)))
    path.parent.mkdir(exist_ok=True)
    write_draw(path, draw, rows, [float(confidence[name]) for name in draw.sample_ids])
    publish_text(path.with_suffix(".html"), sheet)


def _new_folder(project: Path) -> Path:
    """Return ``audit``, then ``audit_2``: records of audits that have ended stay."""
    number = 1
    while (folder := project / (FOLDER if number == 1 else f"{FOLDER}_{number}")).exists():
        number += 1
    return folder

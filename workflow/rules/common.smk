# Helpers of all rules: the checked configuration, inputs, settings and code versions. No rules here.
import hashlib
import re
import shutil
import sys
from functools import cache
from pathlib import Path

try:
    from fact.config import paths as plan
except ModuleNotFoundError as missing:
    sys.exit(
        f"{sys.executable} has no package `{missing.name}`: this node runs another environment than the one that FACT is "
        "installed in. Activate that one, on a file system that the nodes share, or: pip install -e ."
    )
from fact.backbones.download import is_url
from fact.config.settle import settle
from fact.infra.errors import ConfigError
from fact.training.heads.spec import read_frofa, read_head_spec
from fact.config.tables import (
    declared_table,
    is_oracle,
    of_segmentation,
    table_columns,
    table_datasets,
    table_spec,
)
from fact.training.probes import PROBES
from fact.config.registries import with_registries
from fact.report.page.sources import PAGE, TEMPLATES, distortion_cells, report_files
from fact.config.used import used_config
from fact.config.segmentation import segments
from fact.infra.process.code_version import code_version

try:
    config = settle(
        with_registries(config, Path(workflow.basedir) / "config"),
        Path(workflow.basedir) / "workflow/schemas/config.schema.yaml",
    )
except ConfigError as problem:
    sys.exit(f"{problem}")


def names(registry, chosen=lambda entry: True):
    """A wildcard constraint: the declared names, longest first; matches nothing when there are none."""
    found = [re.escape(name) for name, entry in config[registry].items() if chosen(entry)]
    return "|".join(sorted(found, key=len, reverse=True)) or "(?!)"


def given(backbone):
    """Whether a backbone's weights are fetched rather than pretrained here."""
    return backbone["pretrain"] is None


def pretrained_here(backbone):
    return not given(backbone)


def classified(dataset):
    """Whether a dataset's images have classes; else their pixels have."""
    return not segments(dataset)


def table_names(pixels):
    """A wildcard constraint: tables, and datasets for their part of one, of segmentation or of classification."""
    found = [
        re.escape(name)
        for name in (*config["tables"], *config["datasets"])
        if of_segmentation(config, name) == pixels
    ]
    return "|".join(sorted(found, key=len, reverse=True)) or "(?!)"


def target_names():
    """Tables and datasets, each a target of its own. To be called when all other rules are there."""
    found, taken = [*config["tables"], *config["datasets"]], {rule.name for rule in workflow.rules}
    if clash := sorted(taken.intersection(found)):
        sys.exit(
            f"'{clash[0]}' is the name of a table or a dataset and of a rule of the workflow; rename the former"
        )
    return found


def require_slurm():
    """Stop with a remedy when jobs are to go to a Slurm that is not here.

    To be called while jobs are planned: before that Snakemake does not tell its executor, after it sbatch is looked for.
    """
    executor = type(workflow.executor_settings).__module__
    to_slurm = executor.startswith("snakemake_executor_plugin_slurm")
    if workflow.is_main_process and to_slurm and shutil.which("sbatch") is None:
        sys.exit(
            "there is no Slurm here: no `sbatch` on the PATH. Run this on a login node of a cluster, or without one: "
            "snakemake --cores all"
        )


def threads_side_by_side():
    """Threads of each of a few long jobs: two cores run two of them at once, sooner than one after the other on both."""
    cores = workflow.resource_settings.cores
    return 1 if cores and cores < 4 else 2


# versions that this plan holds, for jobs to check theirs against
stages = {}


@cache
def stage_code(script, *modules):
    """Version of the code of a stage: its script, what that imports, and `modules`, imported by name."""
    require_slurm()
    path = Path(workflow.basedir) / f"workflow/scripts/{script}.py"
    code = code_version(*modules, script=path)
    stages[code] = (str(path), list(modules))
    return code


wildcard_constraints:
    dataset=names("datasets"),
    backbone=names("backbones"),
    selector=names("selectors"),
    recipe=names("recipes"),
    calibration=names("calibrations"),
    head=names("heads"),
    probe=names("probes"),
    table=f"{names('tables')}|{names('datasets')}",
    budget=r"[1-9]\d*img|\d+(\.\d+)?pct",
    candidate=f"{plan.FROZEN}|{names('recipes')}",
    split="pool|test",
    seed=r"\d+",


def get_tables(wildcards):
    """Every file of every table that the run asks for."""
    return [path for table in config["run"]["tables"] for path in get_table_files(table)]


def get_table_files(table):
    """A table in all its formats, its rows compared, its figure, and what it was made from."""
    declared = declared_table(config, table)
    figures = {"budgets": [f"{table}-over-budget"], "bars": [f"{table}-bars"], "none": []}
    drawn = figures[declared["figure"]]
    return [
        *(get_segmentation_files(table) if of_segmentation(config, table) else []),
        *plan.table_artifacts(config, table),
        *(f"results/tables/{table}.{suffix}" for suffix in ("csv", "md", "tex")),
        *(f"results/figures/{name}.pdf" for name in drawn),
    ]


def get_selections(wildcards):
    """Every selection of the run, its sheet to look at, and selectors side by side."""
    return [
        *plan.selections(config),
        *get_selection_files("html"),
        *(f"results/tables/selectors.{suffix}" for suffix in ("csv", "md", "tex")),
    ]


def get_selection_files(suffix):
    """What lies beside the selections of the run."""
    return [path.removesuffix("csv") + suffix for path in plan.selections(config)]


def get_selector_cells():
    """Which files are which selection's."""
    cells = {
        plan.selection_path(cell): cell
        for table in config["run"]["tables"]
        for cell in plan.table_cells(config, table)
    }
    return [
        plan.plain(
            {
                **cell._asdict(),
                **{name: path.removesuffix("csv") + f"{name}.json" for name in ("measures", "timing")},
            }
        )
        for path, cell in cells.items()
    ]


def get_scores(wildcards):
    return plan.table_scores(config, wildcards.table)


def get_models(wildcards):
    """The model of every dataset of the run that has labels."""
    return plan.model_files(config)


def get_downloads(wildcards):
    """Sources and weights of the run: what needs a network, or local files."""
    columns = [column for table in config["run"]["tables"] for column in table_columns(config, table)]
    return [
        *(f"results/sources/{name}/source.json" for name in dict.fromkeys(c.dataset for c in columns)),
        *(f"results/weights/{name}/model.safetensors" for name in dict.fromkeys(c.backbone for c in columns)),
    ]


def get_source_module(wildcards):
    return f"fact.data.sources.{config['datasets'][wildcards.dataset]['source']}"


def get_tuner_module(wildcards):
    return f"fact.training.tuners.{config['recipes'][wildcards.recipe]['tuner']}"


def get_source_settings(wildcards):
    dataset = config["datasets"][wildcards.dataset]
    return plan.plain({key: dataset[key] for key in ("source", "root")})


def get_source_code(wildcards):
    return stage_code("get_data", get_source_module(wildcards))


def get_index_settings(wildcards):
    dataset = config["datasets"][wildcards.dataset]
    return plan.plain({key: dataset[key] for key in ("source", "options")})


def get_index_code(wildcards):
    return stage_code("index_dataset", get_source_module(wildcards))


def get_budgets(wildcards, output):
    """To be checked before expensive work. A function of `output`, so that another budget indexes nothing again."""
    return sorted(config["datasets"][wildcards.dataset]["budgets"])


def given_file(path):
    """A file that the configuration names, as an input."""
    return plan.input_path(path, Path.cwd())


def get_published(wildcards):
    """The paper's numbers: of the repository, also when `--directory` names another folder for the results."""
    return given_file(str(Path(workflow.basedir).resolve() / "config/published.csv"))


def get_weights_files(wildcards):
    """Local files that a backbone is made from; changing one refetches it."""
    declared = config["backbones"][wildcards.backbone]
    if declared["model"].startswith("local-dir:"):
        folder = declared["model"].removeprefix("local-dir:")
        return [given_file(f"{folder}/{name}") for name in ("config.json", "model.safetensors")]
    weights = declared["weights"]
    return [given_file(weights)] if weights and weights != "random" and not is_url(weights) else []


def get_backbone_settings(wildcards):
    declared = config["backbones"][wildcards.backbone]
    own = {key: value for key, value in declared.items() if key not in ("training", "tuners")}
    return plan.plain({"name": wildcards.backbone, **own})


def get_pretraining_settings(wildcards):
    declared = config["backbones"][wildcards.backbone]
    reading = get_reading_settings(declared["pretrain"]["dataset"])
    return plan.plain({"declared": get_backbone_settings(wildcards), "reading": reading})


def get_pretraining_manifest(wildcards):
    dataset = config["backbones"][wildcards.backbone]["pretrain"]["dataset"]
    return {
        "source": f"results/sources/{dataset}/source.json",
        "manifest": f"results/datasets/{dataset}/manifest.parquet",
    }


def get_pretraining_code(wildcards):
    dataset = config["backbones"][wildcards.backbone]["pretrain"]["dataset"]
    return stage_code("pretrain_backbone", f"fact.data.sources.{config['datasets'][dataset]['source']}")


def get_reading_settings(dataset):
    """How images become arrays: the same in extraction, training and scoring unless the transform is `released`."""
    declared = config["datasets"][dataset]
    options = {
        key: value for key, value in declared["options"].items() if key in ("exif", "max_pixels", "test")
    }
    transform, _ = plan.transforms(config, dataset)
    return {"source": declared["source"], "transform": transform, "options": options}


def get_extraction_settings(wildcards):
    run = {key: config["run"][key] for key in ("precision", "batch_size", "compile", "store_dtype")}
    return plan.plain({**get_reading_settings(wildcards.dataset), **run})


def get_refinement_settings(wildcards):
    _, transform = plan.transforms(config, wildcards.dataset)
    return {**get_extraction_settings(wildcards), "transform": transform}


def get_feature_names(wildcards):
    return {name: wildcards[name] for name in ("dataset", "backbone", "split")}


def get_manifest_sha256(wildcards, input):
    """Content of the index, checksums of all images included. A function of `input`: it reruns nothing by itself."""
    return hashlib.sha256(Path(input.manifest).read_bytes()).hexdigest()


def get_extraction_code(wildcards):
    return stage_code("extract_features", get_source_module(wildcards))


def get_selector_settings(wildcards):
    return plan.selector_settings(config, wildcards.dataset, wildcards.selector)


def get_selector_code(wildcards):
    return stage_code(
        "select_samples", f"fact.selection.selectors.{config['selectors'][wildcards.selector]['module']}"
    )


def get_patterns(wildcards):
    """Patterns of the pool's images, for a selector that compares images by them."""
    asked = config["selectors"][wildcards.selector].get("patterns")
    folder = f"results/features/{wildcards.dataset}/{wildcards.backbone}/patterns"
    return [f"{folder}/{wildcards.selector}.h5"] if asked else []


def get_pattern_settings(wildcards):
    patterns = config["selectors"][wildcards.selector]["patterns"]
    return plan.plain({**get_extraction_settings(wildcards), "patterns": patterns})


def get_pattern_code(wildcards):
    return stage_code("extract_patterns", get_source_module(wildcards))


def get_already_labelled(wildcards):
    """A list of images that were labelled before; selections complement it and training uses it."""
    path = config["datasets"][wildcards.dataset].get("already_labelled")
    return [given_file(path)] if path else []


def get_bought_labels(wildcards):
    """The file of labels that were bought, for what learns from them; nothing else runs again when it changes."""
    path = config["datasets"][wildcards.dataset].get("labels")
    return [given_file(path)] if path else []


def one_step(selector):
    return "first" not in selector


def two_steps(selector):
    return "first" in selector


def get_first_step(wildcards):
    """The selection that a two-step selector buys first, and the probe on its labels."""
    cell = plan.first_step(config, plan.Cell(*(wildcards[name] for name in plan.Cell._fields)))
    probe = config["selectors"][wildcards.selector]["probe"]
    return {
        "first": plan.selection_path(cell),
        "probe": f"{plan.run_folder(cell)}/probe/{probe}/head.safetensors",
    }


def get_texts(wildcards):
    """Text embeddings of a selector that moves features towards captions."""
    asked = config["selectors"][wildcards.selector].get("text")
    return [f"results/texts/{wildcards.dataset}/{wildcards.selector}.safetensors"] if asked else []


def get_captions(wildcards):
    captions = config["selectors"][wildcards.selector]["text"]["captions"]
    return [given_file(captions)] if captions else []


def get_text_settings(wildcards):
    text = config["selectors"][wildcards.selector]["text"]
    return plan.plain({key: text[key] for key in ("model", "template")})


def get_second_step_code(wildcards):
    return stage_code(
        "select_second_step",
        f"fact.selection.second_steps.{config['selectors'][wildcards.selector]['module']}",
    )


def get_sheet_settings(wildcards):
    return plan.plain(get_reading_settings(wildcards.dataset))


def get_sheet_code(wildcards):
    return stage_code("show_selection", get_source_module(wildcards))


def get_probe_settings(wildcards):
    return plan.probe_settings(config, wildcards.dataset, wildcards.backbone, wildcards.probe)


def get_probe_code(wildcards):
    return stage_code("train_probe", PROBES[config["probes"][wildcards.probe]["kind"]])


def get_start(wildcards):
    """The probe that a recipe starts from; none for a random head."""
    start = config["recipes"][wildcards.recipe]["start"]
    return [] if start == "random" else [f"{get_run_folder(wildcards)}/probe/{start}/head.safetensors"]


def get_pseudo_labels(wildcards):
    """Pseudo-labelled pool images that a recipe trains on beside the bought ones."""
    name = config["recipes"][wildcards.recipe].get("pseudo")
    return [f"{get_run_folder(wildcards)}/pseudo/{name}.json"] if name else []


def get_calibration_settings(wildcards):
    return plan.calibration_settings(config, wildcards.dataset, wildcards.calibration)


def get_calibration_code(wildcards):
    return stage_code(
        "calibrate_labels",
        f"fact.selection.calibrations.{config['calibrations'][wildcards.calibration]['module']}",
    )


def get_resume(wildcards, output):
    """Where a training keeps its resume state. A function of `output`, so that a change of it reruns nothing."""
    return {
        "path": str(Path(output.checkpoint).with_name("resume.safetensors")),
        "every": config["run"]["resume_every"],
    }


def get_run_folder(wildcards):
    return plan.run_folder(
        plan.Cell(wildcards.dataset, wildcards.backbone, wildcards.selector, wildcards.budget, wildcards.seed)
    )


def get_tuning_settings(wildcards):
    settings = plan.recipe_settings(
        config, wildcards.dataset, wildcards.backbone, wildcards.recipe, wildcards.budget
    )
    _, transform = plan.transforms(config, wildcards.dataset)
    evaluation = {
        "transform": transform,
        "epochs": plan.evaluation_epochs(settings, config["run"]["history"]),
        **{key: config["run"][key] for key in ("precision", "batch_size")},
    }
    reading = get_reading_settings(wildcards.dataset)
    return plan.plain({"training": settings, "evaluation": evaluation, "reading": reading})


def get_tuning_code(wildcards):
    return stage_code("tune_backbone", get_tuner_module(wildcards), get_source_module(wildcards))


def get_refinement_code(wildcards):
    return stage_code("refine_features", get_tuner_module(wildcards), get_source_module(wildcards))


def get_head_settings(wildcards):
    return plan.plain(config["heads"][wildcards.head])


def get_head_code(wildcards):
    return stage_code("fit_head", *read_head_spec(get_head_settings(wildcards)).frofa.modules)


def get_validations(wildcards):
    """Out-of-fold logits of everything that the model is chosen among."""
    folder = plan.model_folder(wildcards.dataset, wildcards.backbone)
    candidates = plan.model_candidates(config, wildcards.backbone)
    return [f"{folder}/validation/{candidate}.safetensors" for candidate in candidates]


def get_model_reading(wildcards):
    """How images become arrays, in training and in use."""
    _, transform = plan.transforms(config, wildcards.dataset)
    return {"reading": get_reading_settings(wildcards.dataset), "transform": transform}


def get_validation_settings(wildcards):
    phases = plan.model_phases(config, wildcards.dataset, wildcards.backbone, wildcards.candidate)
    model = {key: config["model"][key] for key in ("folds", "seed")}
    return plan.plain({"phases": phases, **get_model_reading(wildcards), **model})


def get_assessment_settings(wildcards):
    candidates = plan.model_candidates(config, wildcards.backbone)
    return plan.plain({"candidates": candidates, "seed": config["model"]["seed"]})


def get_model_settings(wildcards):
    candidates = plan.model_candidates(config, wildcards.backbone)
    phases = {
        candidate: plan.model_phases(config, wildcards.dataset, wildcards.backbone, candidate)
        for candidate in candidates
    }
    return plan.plain({"phases": phases, **get_model_reading(wildcards), "seed": config["model"]["seed"]})


def get_phase_modules(dataset, candidates):
    """Modules that phases import by name: source, tuners, probes, FroFA's augmentations."""
    recipes = [config["recipes"][name] for name in candidates if name != plan.FROZEN]
    starts = [config["probes"][recipe["start"]] for recipe in recipes if recipe["start"] != "random"]
    head = read_head_spec(plan.plain(config["heads"][config["model"]["head"]]))
    modules = [
        f"fact.data.sources.{config['datasets'][dataset]['source']}",
        *(f"fact.training.tuners.{recipe['tuner']}" for recipe in recipes),
        *(PROBES[probe["kind"]] for probe in starts),
        *head.frofa.modules,
    ]
    return sorted(set(modules))


def get_validation_code(wildcards):
    return stage_code("validate_recipe", *get_phase_modules(wildcards.dataset, [wildcards.candidate]))


def get_model_code(wildcards):
    candidates = plan.model_candidates(config, wildcards.backbone)
    return stage_code("train_model", *get_phase_modules(wildcards.dataset, candidates))


def get_model_scoring_code(wildcards):
    return stage_code("score_model", get_source_module(wildcards))


def get_pool_sweep_settings(wildcards):
    return plan.plain({**get_model_reading(wildcards), "next": config["model"]["next"]})


def get_pool_sweep_code(wildcards):
    return stage_code("estimate_model", get_source_module(wildcards))


def get_model_resume(wildcards, output):
    """Where trainings keep their states. A function of `output`, so that a change of it reruns nothing."""
    return {"path": str(Path(output[0]).with_suffix("")), "every": config["run"]["resume_every"]}


def get_table_settings(wildcards):
    return plan.plain(table_spec(config, wildcards.table))


def get_scores_settings(wildcards):
    """Which score file is which cell's, and what tells the time of its stages."""
    return [
        plan.plain(
            {
                **cell._asdict(),
                "method": method,
                "path": plan.score_path(config, cell, method),
                "tuned": plan.tuned_score_path(config, cell, method),
                "stages": plan.stage_files(config, cell, method),
            }
        )
        for cell, method in plan.table_runs(config, wildcards.table)
    ]


def get_distortion_files():
    return [
        "results/tables/distortion.csv",
        *(f"results/figures/distortion.{suffix}" for suffix in ("pdf", "png")),
    ]


def get_distortions(wildcards):
    return [cell["path"] for cell in distortion_cells(config)]


def get_distortion_code(wildcards):
    return stage_code("measure_distortion", get_tuner_module(wildcards), get_source_module(wildcards))


def get_report_files(wildcards):
    return report_files(config)


def get_templates():
    """Content of the page's template, style and script: they are no modules, so that no stage's code covers them."""
    digest = hashlib.sha256()
    for name in TEMPLATES:
        digest.update((Path(workflow.basedir) / "workflow/fact/report/page" / name).read_bytes())
    return digest.hexdigest()


def get_table_timings(wildcards):
    """Timing files of all stages behind a table's scores, each once."""
    runs = plan.table_runs(config, wildcards.table)
    return list(dict.fromkeys(path for run in runs for path in plan.stage_files(config, *run).values()))

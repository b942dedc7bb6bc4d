# Helpers of the rules of segmentation: inputs, settings and code versions. No rules here.
from fact.config import segmentation as segmentation_plan


def segmented(dataset):
    """Whether a dataset's pixels have classes."""
    return segments(dataset)


def segmentation_names(kind):
    """A wildcard constraint: names of probes, recipes or heads of segmentation."""
    return "|".join(sorted(map(re.escape, config["segmentation"][kind]), key=len, reverse=True))


def get_mask_settings(wildcards):
    dataset = config["datasets"][wildcards.dataset]
    return plan.plain({key: dataset[key] for key in ("source", "options")})


def get_mask_code(wildcards):
    return stage_code("index_masks", get_source_module(wildcards))


def get_segmentation_tuner(wildcards):
    return f"fact.training.tuners.{config['segmentation']['recipes'][wildcards.recipe]['tuner']}"


def get_maps_checkpoint(wildcards):
    """The checkpoint whose backbone gives the maps; none for the frozen pretrained one."""
    frozen = wildcards.recipe == "frozen"
    return [] if frozen else [f"{get_run_folder(wildcards)}/{wildcards.recipe}/checkpoint.safetensors"]


def get_maps_settings(wildcards):
    return segmentation_plan.maps_settings(config, wildcards.dataset)


def get_maps_code(wildcards):
    tuner = [] if wildcards.recipe == "frozen" else [get_segmentation_tuner(wildcards)]
    return stage_code("refine_maps", get_source_module(wildcards), *tuner)


def get_segmentation_probe_settings(wildcards):
    own = config["segmentation"]["probes"][wildcards.probe]
    return segmentation_plan.stage_settings(config, wildcards.dataset, wildcards.budget, own)


def get_segmentation_probe_code(wildcards):
    return stage_code("train_segmentation_probe", get_source_module(wildcards))


def get_segmenter_start(wildcards):
    """The head that a recipe starts from; none for a random one."""
    start = config["segmentation"]["recipes"][wildcards.recipe]["start"]
    return [] if start == "random" else [f"{get_run_folder(wildcards)}/probe/{start}/head.safetensors"]


def get_segmenter_settings(wildcards):
    own = config["segmentation"]["recipes"][wildcards.recipe]
    return segmentation_plan.stage_settings(config, wildcards.dataset, wildcards.budget, own)


def get_segmenter_code(wildcards):
    return stage_code("tune_segmenter", get_segmentation_tuner(wildcards), get_source_module(wildcards))


def get_segmentation_head_settings(wildcards):
    return segmentation_plan.head_settings(config, wildcards.dataset, wildcards.budget, wildcards.head)


def get_segmentation_head_code(wildcards):
    frofa = read_frofa(config["segmentation"]["heads"][wildcards.head]["frofa"])
    modules = (get_segmentation_tuner(wildcards), get_source_module(wildcards), *frofa.modules)
    return stage_code("fit_segmentation_head", *modules)


def get_head_resume(wildcards, output):
    """Where a head's training keeps its resume state. A function of `output`, so that a change reruns nothing."""
    return {
        "path": str(Path(output.head).with_name("resume.safetensors")),
        "every": config["run"]["resume_every"],
    }


def get_segmentation_cells(wildcards):
    """Which score file is which cell's."""
    return [
        plan.plain({**cell._asdict(), "method": method, "path": plan.score_path(config, cell, method)})
        for cell, method in plan.table_runs(config, wildcards.table)
    ]


def get_segmentation_files(table):
    """Of each dataset of a table the page of segmentations, and the index of masks, which may be deleted."""
    datasets = table_datasets(config, table)
    return [
        *(f"results/datasets/{dataset}/masks.parquet" for dataset in datasets),
        *(f"results/figures/{table}-{dataset}-panels.html" for dataset in datasets),
    ]


def get_sections(wildcards):
    """Files of kept segmentations by section (backbone, selector, budget) and method, of the first seed."""
    sections = {}
    for cell, method in plan.table_runs(config, wildcards.table):
        if cell.dataset == wildcards.dataset and cell.seed == config["run"]["seeds"][0]:
            name = f"{cell.backbone}, {cell.selector}, {cell.budget}"
            score = Path(plan.score_path(config, cell, method))
            sections.setdefault(name, {})[method] = str(score.with_name("shown.safetensors"))
    return sections


def get_shown(wildcards):
    shown = [path for files in get_sections(wildcards).values() for path in files.values()]
    return {
        "source": f"results/sources/{wildcards.dataset}/source.json",
        "manifest": f"results/datasets/{wildcards.dataset}/manifest.parquet",
        "classes": f"results/datasets/{wildcards.dataset}/classes.json",
        "shown": list(dict.fromkeys(shown)),
    }


def get_shown_settings(wildcards):
    sections = get_sections(wildcards)
    methods = list(dict.fromkeys(method for files in sections.values() for method in files))
    return plan.plain({**get_mask_settings(wildcards), "sections": sections, "methods": methods})


def get_shown_code(wildcards):
    return stage_code("show_segmentations", get_source_module(wildcards))

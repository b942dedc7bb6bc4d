# Segmentation, for datasets with `task: segmentation`: phases 1 to 3 on masks. Images are indexed, features extracted and
# images selected by the rules of classification. REQUIRED INPUTS: a manifest, weights, a selection.
# OUTPUTS: results/datasets/{dataset}/masks.parquet; …/seed{seed}/{frozen,RECIPE}/{maps_labelled.h5,maps.timing.json}, and
# below probe/{probe}/, {recipe}/ and {recipe}/{head}/ the model, score.json, timing.json and shown.safetensors;
# results/figures/{table}-{dataset}-panels.{html,png}.


localrules:
    show_segmentations,


rule index_masks:
    """Checksum and pixels by class of every mask; apart from the manifest, which selection reads."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
    output:
        masks=f"{paths.DATASET}/masks.parquet",
    log:
        f"{paths.LOGS}/index_masks/{{dataset}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=True),
    params:
        settings=from_config(settings.index_settings, "dataset"),
        code=code_of("index_masks", plugins.source_modules, "dataset"),
    script:
        "../scripts/index_masks.py"


rule refine_maps:
    """Multi-level features of crops of the labelled images, by the pretrained or a tuned backbone."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        masks=f"{paths.DATASET}/masks.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        checkpoint=inputs_from_config(inputs.maps_checkpoint, "recipe"),
    output:
        maps=f"{paths.RECIPE}/maps_labelled.h5",
        timing=f"{paths.RECIPE}/maps.timing.json",
    log:
        f"{paths.LOGS}/refine_maps/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.segmented_datasets(settled, keeping_refined=True),
        recipe=constraints.segmentation_recipes(settled, frozen=True),
    resources:
        gpu=1,
        mem_mb=memory_of("refine_maps"),
        runtime=minutes_of("refine_maps"),
    params:
        settings=from_config(segmentation.maps_settings, "dataset"),
        code=code_of("refine_maps", plugins.tuning_modules, "dataset", "recipe"),
    script:
        "../scripts/refine_maps.py"


# the same where they are not kept: deleted when the heads on them are fitted, and made again for another one
use rule refine_maps as refine_passing_maps with:
    output:
        maps=temp(f"{paths.RECIPE}/maps_labelled.h5"),
        timing=f"{paths.RECIPE}/maps.timing.json",
    log:
        f"{paths.LOGS}/refine_passing_maps/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.segmented_datasets(settled, keeping_refined=False),
        recipe=constraints.segmentation_recipes(settled, frozen=True),


rule train_segmentation_probe:
    """Phase 1: the head on maps of the frozen backbone (LP)."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        masks=f"{paths.DATASET}/masks.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        maps=f"{paths.RUN}/frozen/maps_labelled.h5",
    output:
        head=f"{paths.PROBE}/head.safetensors",
        score=f"{paths.PROBE}/score.json",
        timing=f"{paths.PROBE}/timing.json",
        shown=f"{paths.PROBE}/shown.safetensors",
    log:
        f"{paths.LOGS}/train_segmentation_probe/{paths.CELL}/{{probe}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=True),
        probe=constraints.one_of(settled.segmentation["probes"]),
    resources:
        gpu=1,
        mem_mb=memory_of("train_segmentation_probe"),
        runtime=minutes_of("train_segmentation_probe"),
    params:
        settings=from_config(segmentation.segmentation_probe_settings, "dataset", "budget", "probe"),
        code=code_of("train_segmentation_probe", plugins.source_modules, "dataset"),
        resume=resume_state("head"),
    script:
        "../scripts/train_segmentation_probe.py"


rule tune_segmenter:
    """Phase 2: backbone and head on random crops (FF, LP-FT, LP-LoRA)."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        masks=f"{paths.DATASET}/masks.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        start=inputs_from_config(inputs.starting_head, "dataset", "recipe"),
    output:
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
        score=f"{paths.RECIPE}/score.json",
        timing=f"{paths.RECIPE}/timing.json",
        shown=f"{paths.RECIPE}/shown.safetensors",
    log:
        f"{paths.LOGS}/tune_segmenter/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=True),
        recipe=constraints.segmentation_recipes(settled),
    resources:
        gpu=1,
        mem_mb=memory_of("tune_segmenter"),
        runtime=minutes_of("tune_segmenter"),
    params:
        settings=from_config(segmentation.segmenter_settings, "dataset", "budget", "recipe"),
        code=code_of("tune_segmenter", plugins.tuning_modules, "dataset", "recipe"),
        resume=resume_state("checkpoint"),
    script:
        "../scripts/tune_segmenter.py"


rule fit_segmentation_head:
    """Phase 3: phase 2's head trained on, on FroFA-augmented maps of its frozen backbone."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        masks=f"{paths.DATASET}/masks.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
        maps=f"{paths.RECIPE}/maps_labelled.h5",
    output:
        head=f"{paths.HEAD}/head.safetensors",
        score=f"{paths.HEAD}/score.json",
        timing=f"{paths.HEAD}/timing.json",
        shown=f"{paths.HEAD}/shown.safetensors",
    log:
        f"{paths.LOGS}/fit_segmentation_head/{paths.CELL}/{{recipe}}/{{head}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=True),
        recipe=constraints.segmentation_recipes(settled),
        head=constraints.one_of(settled.segmentation["heads"]),
    resources:
        gpu=1,
        mem_mb=memory_of("fit_segmentation_head"),
        runtime=minutes_of("fit_segmentation_head"),
    params:
        settings=from_config(segmentation.segmentation_head_settings, "dataset", "budget", "head"),
        code=code_of("fit_segmentation_head", plugins.segmentation_head_modules, "dataset", "recipe", "head"),
        resume=resume_state("head"),
    script:
        "../scripts/fit_segmentation_head.py"


rule show_segmentations:
    """Image, truth and each method's segmentation of a few test images: a page, and the last column as a picture."""
    input:
        unpack(inputs_from_config(inputs.example_predictions, "table", "dataset")),
    output:
        html=report(
            f"{paths.PANELS}.html",
            caption="../report/segmentations.rst",
            category="Segmentations",
            labels={"table": "{table}", "dataset": "{dataset}"},
        ),
        png=f"{paths.PANELS}.png",
    log:
        f"{paths.LOGS}/show_segmentations/{{table}}-{{dataset}}.log",
    wildcard_constraints:
        table=constraints.tables_of_segmentation(settled),
        dataset=constraints.datasets_of_task(settled, segments=True),
    params:
        settings=from_config(targets.example_settings, "table", "dataset"),
        code=code_of("show_segmentations", plugins.source_modules, "dataset"),
    script:
        "../scripts/show_segmentations.py"

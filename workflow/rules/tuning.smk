# Phase 2. REQUIRED INPUTS: images, a selection, pretrained weights, and a probe where the recipe starts from one.
# OUTPUTS: results/datasets/{dataset}/decoded/{backbone}.h5;
# …/seed{seed}/{recipe}/{checkpoint.safetensors,score.json,timing.json,refined_labelled.h5}, and refined_test.h5 where
# the dataset keeps it.


rule decode_test:
    """The test images as squares, decoded once for all jobs that score on them often or stream them."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        spec=f"{paths.WEIGHTS}/backbone.json",
    output:
        decoded=paths.DECODED,
    log:
        f"{paths.LOGS}/decode_test/{{dataset}}/{{backbone}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    threads: 2
    params:
        settings=from_config(settings.decoding_settings, "dataset"),
        code=code_of("decode_test", plugins.source_modules, "dataset"),
    script:
        "../scripts/decode_test.py"


rule tune_backbone:
    """Finetune the backbone on the labelled images (FF, LP-FT, LP-LoRA)."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        labels=inputs_from_config(inputs.labels, "dataset"),
        start=inputs_from_config(inputs.starting_head, "dataset", "recipe"),
        pseudo=inputs_from_config(inputs.pseudo_labels, "recipe"),
        decoded=inputs_from_config(inputs.decoded_test, "dataset"),
    output:
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
        score=f"{paths.RECIPE}/score.json",
        timing=f"{paths.RECIPE}/timing.json",
    log:
        f"{paths.LOGS}/tune_backbone/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    resources:
        gpu=1,
        mem_mb=memory_of("tune_backbone"),
        runtime=minutes_of("tune_backbone"),
    params:
        settings=from_config(settings.tuning_settings, "dataset", "backbone", "recipe", "budget"),
        code=code_of("tune_backbone", plugins.tuning_modules, "dataset", "recipe"),
        resume=resume_state("checkpoint"),
    script:
        "../scripts/tune_backbone.py"


rule refine_features:
    """Pooled vectors and patch tokens of the tuned backbone, for its own labelled images and the test images."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        classes=f"{paths.DATASET}/classes.json",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        labels=inputs_from_config(inputs.labels, "dataset"),
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
    output:
        labelled=f"{paths.RECIPE}/refined_labelled.h5",
        test=f"{paths.RECIPE}/refined_test.h5",
        timing=f"{paths.RECIPE}/refined.timing.json",
    log:
        f"{paths.LOGS}/refine_features/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.classified_datasets(settled, keeping_refined=True),
    resources:
        gpu=1,
        mem_mb=memory_of("refine_features"),
        runtime=minutes_of("refine_features"),
    params:
        settings=from_config(settings.refinement_settings, "dataset"),
        code=code_of("refine_features", plugins.tuning_modules, "dataset", "recipe"),
    script:
        "../scripts/refine_features.py"


# of the labelled images alone, where each head streams the test images through the checkpoint (keep_refined: false); deleted
# when the heads are fitted, and made again for another one
use rule refine_features as refine_labelled with:
    output:
        labelled=temp(f"{paths.RECIPE}/refined_labelled.h5"),
        timing=f"{paths.RECIPE}/refined.timing.json",
    log:
        f"{paths.LOGS}/refine_labelled/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.classified_datasets(settled, keeping_refined=False),
    resources:
        gpu=1,
        mem_mb=memory_of("refine_labelled"),
        runtime=minutes_of("refine_labelled"),

# Beyond the paper: labels spread over the pool's refined vectors. REQUIRED INPUTS: a checkpoint of phase 2, the pool's images.
# OUTPUTS: …/seed{seed}/{recipe}/{refined_pool.h5,propagated/{propagation}.{parquet,json}},
# …/seed{seed}/pseudo/{calibration}.json.


rule refine_pool:
    """Pooled vectors of the tuned backbone for the pool, or for a random part of a large one; no tokens."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
    output:
        pool=paths.REFINED_POOL,
        timing=f"{paths.RECIPE}/refined_pool.timing.json",
    log:
        f"{paths.LOGS}/refine_pool/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    resources:
        gpu=1,
        mem_mb=memory_of("refine_pool"),
        runtime=minutes_of("refine_pool"),
    params:
        settings=from_config(settings.refinement_settings, "dataset"),
        limit=from_config(settings.pool_images),
        code=code_of("refine_pool", plugins.tuning_modules, "dataset", "recipe"),
    script:
        "../scripts/refine_pool.py"


rule propagate_labels:
    """Probabilities of the pool's images: labels spread over their graph, times phase 2's own."""
    input:
        classes=f"{paths.DATASET}/classes.json",
        pool=paths.REFINED_POOL,
        selection=f"{paths.SELECTION}.csv",
        labels=inputs_from_config(inputs.labels, "dataset"),
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
    output:
        labels=f"{paths.PROPAGATED}.parquet",
        record=f"{paths.PROPAGATED}.json",
        timing=f"{paths.PROPAGATED}.timing.json",
    log:
        f"{paths.LOGS}/propagate_labels/{paths.CELL}/{{recipe}}/{{propagation}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    threads: threads_side_by_side()
    resources:
        mem_mb=memory_of("propagate_labels"),
        runtime=minutes_of("propagate_labels"),
    params:
        settings=from_config(settings.propagation_settings, "propagation"),
        code=code_of("propagate_labels"),
    script:
        "../scripts/propagate_labels.py"


rule take_surest:
    """The images of each class whose propagated label is surest, as pseudo-labels for a second phase 2."""
    input:
        propagated=inputs_from_config(inputs.surest_labels, "calibration"),
    output:
        pseudo=f"{paths.PSEUDO}.json",
    log:
        f"{paths.LOGS}/take_surest/{paths.CELL}/{{calibration}}.log",
    wildcard_constraints:
        calibration=constraints.calibrations_after_recipes(settled, after=True),
    params:
        settings=from_config(settings.surest_settings, "calibration"),
        code=code_of("take_surest"),
    script:
        "../scripts/take_surest.py"

# What `fact smoke` compares a training with. REQUIRED INPUTS: weights and classes.
# OUTPUTS: …/seed{seed}/{recipe}/bare_loop.json.


rule measure_bare_loop:
    """Images per second of a training loop on noise, as many images a step as the training has."""
    input:
        classes=f"{paths.DATASET}/classes.json",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        # after the training, so that the two do not share the cores
        trained=f"{paths.RECIPE}/timing.json",
    output:
        speed=f"{paths.RECIPE}/bare_loop.json",
    log:
        f"{paths.LOGS}/measure_bare_loop/{paths.CELL}/{{recipe}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    resources:
        gpu=1,
        mem_mb=memory_of("tune_backbone"),
        runtime=minutes_of("refine_features"),
    params:
        settings=from_config(settings.tuning_settings, "dataset", "backbone", "recipe", "budget"),
        code=code_of("measure_bare_loop", plugins.tuning_modules, "dataset", "recipe"),
    script:
        "../scripts/measure_bare_loop.py"

# Phase 3. REQUIRED INPUTS: refined features of one checkpoint, or the checkpoint itself for the test images.
# OUTPUTS: …/seed{seed}/{recipe}/{head}/{head.safetensors,score.json,timing.json}.


rule fit_head:
    """A lightweight head on FroFA-augmented refined features, by L-BFGS (LM)."""
    input:
        unpack(inputs_from_config(inputs.refined_test, "dataset")),
        unpack(inputs_from_config(inputs.pool_of_head, "head")),
        classes=f"{paths.DATASET}/classes.json",
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
        labelled=f"{paths.RECIPE}/refined_labelled.h5",
        groups=inputs_from_config(inputs.groups, "dataset"),
    output:
        head=f"{paths.HEAD}/head.safetensors",
        score=f"{paths.HEAD}/score.json",
        timing=f"{paths.HEAD}/timing.json",
    log:
        f"{paths.LOGS}/fit_head/{paths.CELL}/{{recipe}}/{{head}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    resources:
        gpu=1,
        mem_mb=memory_of("fit_head"),
        runtime=minutes_of("fit_head"),
    params:
        settings=from_config(settings.head_settings, "head"),
        refinement=from_config(settings.streamed_test, "dataset"),
        code=code_of("fit_head", plugins.scored_head_modules, "dataset", "recipe", "head"),
    script:
        "../scripts/fit_head.py"

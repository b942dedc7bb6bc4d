# Phase 3. REQUIRED INPUTS: refined features of one checkpoint.
# OUTPUTS: …/seed{seed}/{recipe}/{head}/{head.safetensors,score.json,timing.json}.


rule fit_head:
    """A lightweight head on FroFA-augmented refined features, by L-BFGS (LM)."""
    input:
        classes=f"{paths.DATASET}/classes.json",
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
        labelled=f"{paths.RECIPE}/refined_labelled.h5",
        test=f"{paths.RECIPE}/refined_test.h5",
    output:
        head=f"{paths.HEAD}/head.safetensors",
        score=f"{paths.HEAD}/score.json",
        timing=f"{paths.HEAD}/timing.json",
    log:
        f"{paths.LOGS}/fit_head/{paths.CELL}/{{recipe}}/{{head}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    params:
        settings=from_config(settings.head_settings, "head"),
        code=code_of("fit_head", plugins.head_modules, "head"),
    script:
        "../scripts/fit_head.py"

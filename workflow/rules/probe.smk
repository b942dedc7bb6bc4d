# Phase 1. REQUIRED INPUTS: frozen features and a selection.
# OUTPUTS: …/seed{seed}/probe/{probe}/{head.safetensors,score.json,timing.json}.


rule train_probe:
    """A linear probe on frozen features of the labelled images (LP)."""
    input:
        classes=f"{paths.DATASET}/classes.json",
        pool=f"{paths.FEATURES}/pool.h5",
        test=f"{paths.FEATURES}/test.h5",
        selection=f"{paths.SELECTION}.csv",
        labels=inputs_from_config(inputs.labels, "dataset"),
        groups=inputs_from_config(inputs.groups, "dataset"),
    output:
        head=f"{paths.PROBE}/head.safetensors",
        score=f"{paths.PROBE}/score.json",
        timing=f"{paths.PROBE}/timing.json",
    log:
        f"{paths.LOGS}/train_probe/{paths.CELL}/{{probe}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    resources:
        gpu=gpu_of("train_probe"),
        mem_mb=memory_of("train_probe"),
        runtime=minutes_of("train_probe"),
    params:
        settings=from_config(settings.probe_settings, "dataset", "backbone", "probe"),
        code=code_of("train_probe", plugins.probe_modules, "probe"),
    script:
        "../scripts/train_probe.py"

# Phase 1. REQUIRED INPUTS: frozen features and a selection.
# OUTPUTS: …/seed{seed}/probe/{probe}/{head.safetensors,score.json,timing.json}.


rule train_probe:
    """A linear probe on frozen features of the labelled images (LP)."""
    input:
        classes="results/datasets/{dataset}/classes.json",
        pool="results/features/{dataset}/{backbone}/pool.h5",
        test="results/features/{dataset}/{backbone}/test.h5",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        labels=get_bought_labels,
    output:
        head="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/head.safetensors",
        score="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/score.json",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/timing.json",
    log:
        "results/logs/train_probe/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{probe}.log",
    wildcard_constraints:
        dataset=names("datasets", classified),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_probe_settings,
        code=get_probe_code,
    script:
        "../scripts/train_probe.py"

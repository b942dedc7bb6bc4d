# Phase 3. REQUIRED INPUTS: refined features of one checkpoint.
# OUTPUTS: …/seed{seed}/{recipe}/{head}/{head.safetensors,score.json,timing.json}.


rule fit_head:
    """A lightweight head on FroFA-augmented refined features, by L-BFGS (LM)."""
    input:
        classes="results/datasets/{dataset}/classes.json",
        checkpoint="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/checkpoint.safetensors",
        labelled="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/refined_labelled.h5",
        test="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/refined_test.h5",
    output:
        head="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/head.safetensors",
        score="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/score.json",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/timing.json",
    log:
        "results/logs/fit_head/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}.log",
    wildcard_constraints:
        dataset=names("datasets", classified),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_head_settings,
        code=get_head_code,
    script:
        "../scripts/fit_head.py"

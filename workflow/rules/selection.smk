# REQUIRED INPUTS: frozen features of the pool. No labels.
# OUTPUTS: results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.{csv,json}.


rule select_samples:
    """Choose which images of the pool to label."""
    input:
        manifest="results/datasets/{dataset}/manifest.parquet",
        features="results/features/{dataset}/{backbone}/pool.h5",
    output:
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        record="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.json",
    log:
        "results/logs/select_samples/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_selector_settings,
        code=get_selector_code,
    script:
        "../scripts/select_samples.py"

# REQUIRED INPUTS: none, or the folder that datasets.NAME.root names.
# OUTPUTS: results/sources/{dataset}/source.json, results/datasets/{dataset}/{manifest.parquet,problems.csv,classes.json}.


localrules:
    get_data,
    check_budgets,


rule get_data:
    """Find the source's folder, downloading it where the source can and no root is given."""
    output:
        source="results/sources/{dataset}/source.json",
    log:
        "results/logs/get_data/{dataset}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_source_settings,
        code=get_source_code,
    script:
        "../scripts/get_data.py"


rule index_dataset:
    """List every image, its split, label and checksum; list what cannot be read, and why."""
    input:
        source="results/sources/{dataset}/source.json",
    output:
        manifest="results/datasets/{dataset}/manifest.parquet",
        problems="results/datasets/{dataset}/problems.csv",
        classes="results/datasets/{dataset}/classes.json",
    log:
        "results/logs/index_dataset/{dataset}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_index_settings,
        code=get_index_code,
    script:
        "../scripts/index_dataset.py"


rule check_budgets:
    """Stop before any expensive work when a budget is larger than the pool."""
    input:
        manifest="results/datasets/{dataset}/manifest.parquet",
    output:
        sizes="results/datasets/{dataset}/budgets.json",
    log:
        "results/logs/check_budgets/{dataset}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        budgets=get_budgets,
        code=stage_code("check_budgets"),
    script:
        "../scripts/check_budgets.py"

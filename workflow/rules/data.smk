# REQUIRED INPUTS: none, or the folder that datasets.NAME.root names.
# OUTPUTS: results/sources/{dataset}/source.json, results/datasets/{dataset}/{manifest.parquet,problems.csv,files.csv,classes.json}.


localrules:
    get_data,


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
    """List every image, its split, label and checksum; list what cannot be read, and why. Check the budgets."""
    input:
        source="results/sources/{dataset}/source.json",
    output:
        manifest="results/datasets/{dataset}/manifest.parquet",
        problems="results/datasets/{dataset}/problems.csv",
        files="results/datasets/{dataset}/files.csv",
        classes="results/datasets/{dataset}/classes.json",
    log:
        "results/logs/index_dataset/{dataset}.log",
    conda:
        "../../envs/fact.yaml"
    threads: 2
    params:
        settings=get_index_settings,
        code=get_index_code,
        budgets=get_budgets,
    script:
        "../scripts/index_dataset.py"

# REQUIRED INPUTS: none, or the folder that datasets.NAME.root names.
# OUTPUTS: results/sources/{dataset}/source.json, results/datasets/{dataset}/{manifest.parquet,problems.csv,files.csv,classes.json},
# and groups.csv where datasets.NAME.groups says which images belong together.


localrules:
    get_data,
    group_images,


rule get_data:
    """Find the source's folder, downloading it where the source can and no root is given."""
    output:
        source=f"{paths.SOURCE}/source.json",
    log:
        f"{paths.LOGS}/get_data/{{dataset}}.log",
    params:
        settings=from_config(settings.source_settings, "dataset"),
        code=code_of("get_data", plugins.source_modules, "dataset"),
    script:
        "../scripts/get_data.py"


rule index_dataset:
    """List every image, its split, label and checksum; list what cannot be read, and why. Check the budgets."""
    input:
        source=f"{paths.SOURCE}/source.json",
    output:
        manifest=f"{paths.DATASET}/manifest.parquet",
        problems=f"{paths.DATASET}/problems.csv",
        files=f"{paths.DATASET}/files.csv",
        classes=f"{paths.DATASET}/classes.json",
    log:
        f"{paths.LOGS}/index_dataset/{{dataset}}.log",
    threads: 2
    resources:
        mem_mb=memory_of("index_dataset"),
        runtime=minutes_of("index_dataset"),
    params:
        settings=from_config(settings.index_settings, "dataset"),
        code=code_of("index_dataset", plugins.source_modules, "dataset"),
        budgets=unwatched(settings.sorted_budgets, "dataset"),
    script:
        "../scripts/index_dataset.py"


rule group_images:
    """List which images belong together: frames of a video, photographs of one thing, patient or place."""
    input:
        manifest=f"{paths.DATASET}/manifest.parquet",
        table=inputs_from_config(inputs.groups_table, "dataset"),
    output:
        groups=paths.GROUPS,
    log:
        f"{paths.LOGS}/group_images/{{dataset}}.log",
    params:
        settings=from_config(settings.grouping_settings, "dataset"),
        code=code_of("group_images"),
    script:
        "../scripts/group_images.py"


rule show_odd_images:
    """Near copies, dark, bright, blurred, tiny and odd images, as pictures on a page."""
    input:
        source=f"{paths.SOURCE}/source.json",
        files=f"{paths.DATASET}/files.csv",
    output:
        page=paths.ODD_IMAGES,
    log:
        f"{paths.LOGS}/show_odd_images/{{dataset}}.log",
    params:
        settings=from_config(settings.reading_settings, "dataset"),
        code=code_of("show_odd_images", plugins.source_modules, "dataset"),
    script:
        "../scripts/show_odd_images.py"

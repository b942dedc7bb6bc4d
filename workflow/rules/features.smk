# REQUIRED INPUTS: a manifest and a backbone's weights.
# OUTPUTS: results/features/{dataset}/{backbone}/{split}.h5, shared by everything that is frozen, and
# results/features/{dataset}/{backbone}/patterns/{selector}.h5 for a selector that compares images by them;
# beside each a .made_by.json: the software, device and command that it was made with.


rule extract_features:
    """Pooled vectors of the frozen backbone for every image of a split."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
    output:
        features=f"{paths.FEATURES}/{{split}}.h5",
        made_by=f"{paths.FEATURES}/{{split}}.made_by.json",
    log:
        f"{paths.LOGS}/extract_features/{paths.PLACE}/{{split}}.log",
    cache: "omit-software"
    threads: 2
    resources:
        gpu=1,
        mem_mb=memory_of("extract_features"),
        runtime=minutes_of("extract_features"),
    params:
        settings=from_config(settings.extraction_settings, "dataset"),
        code=code_of("extract_features", plugins.source_modules, "dataset"),
        names=from_config(settings.feature_names, "dataset", "backbone", "split"),
        # in the key of the shared cache: the images are no input files
        manifest=content_sha256,
    script:
        "../scripts/extract_features.py"


rule extract_patterns:
    """A few local vectors of each pool image."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
    output:
        patterns=f"{paths.FEATURES}/patterns/{{selector}}.h5",
        made_by=f"{paths.FEATURES}/patterns/{{selector}}.made_by.json",
    log:
        f"{paths.LOGS}/extract_patterns/{{dataset}}/{{backbone}}/{{selector}}.log",
    threads: 2
    resources:
        gpu=1,
    params:
        settings=from_config(settings.pattern_settings, "dataset", "selector"),
        code=code_of("extract_patterns", plugins.source_modules, "dataset"),
    script:
        "../scripts/extract_patterns.py"

# REQUIRED INPUTS: a manifest and a backbone's weights.
# OUTPUTS: results/features/{dataset}/{backbone}/{split}.h5, shared by everything that is frozen, and
# results/features/{dataset}/{backbone}/patterns/{selector}.h5 for a selector that compares images by them.


rule extract_features:
    """Pooled vectors of the frozen backbone for every image of a split."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
    output:
        features="results/features/{dataset}/{backbone}/{split}.h5",
    log:
        "results/logs/extract_features/{dataset}/{backbone}/{split}.log",
    cache: "omit-software"
    conda:
        "../../envs/fact.yaml"
    threads: 2
    resources:
        gpu=1,
    params:
        settings=get_extraction_settings,
        code=get_extraction_code,
        names=get_feature_names,
        # in the key of the shared cache: the images are no input files
        manifest=get_manifest_sha256,
    script:
        "../scripts/extract_features.py"


rule extract_patterns:
    """A few local vectors of each pool image."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
    output:
        patterns="results/features/{dataset}/{backbone}/patterns/{selector}.h5",
    log:
        "results/logs/extract_patterns/{dataset}/{backbone}/{selector}.log",
    conda:
        "../../envs/fact.yaml"
    threads: 2
    resources:
        gpu=1,
    params:
        settings=get_pattern_settings,
        code=get_pattern_code,
    script:
        "../scripts/extract_patterns.py"

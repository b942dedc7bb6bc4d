# REQUIRED INPUTS: a network for hub weights, or the local files that backbones.NAME declares.
# OUTPUTS: results/weights/{backbone}/{model.safetensors,backbone.json}.


localrules:
    get_weights,


rule get_weights:
    """Fetch a backbone's pretrained weights, check them and store them as safetensors with their spec."""
    input:
        files=get_weights_files,
    output:
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
    log:
        "results/logs/get_weights/{backbone}.log",
    wildcard_constraints:
        backbone=names("backbones", given),
    cache: "omit-software"
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_backbone_settings,
        code=stage_code("get_weights"),
    script:
        "../scripts/get_weights.py"


rule pretrain_backbone:
    """Pretrain a small backbone on an unlabelled pool (contrastive), for pools without a fitting one."""
    input:
        unpack(get_pretraining_manifest),
    output:
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
    log:
        "results/logs/pretrain_backbone/{backbone}.log",
    wildcard_constraints:
        backbone=names("backbones", pretrained_here),
    conda:
        "../../envs/fact.yaml"
    threads: 2
    resources:
        gpu=1,
    params:
        settings=get_pretraining_settings,
        code=get_pretraining_code,
    script:
        "../scripts/pretrain_backbone.py"

# REQUIRED INPUTS: a network for hub weights, or the local files that backbones.NAME declares.
# OUTPUTS: results/weights/{backbone}/{model.safetensors,backbone.json}, and made_by.json of one that was
# pretrained here.


localrules:
    get_weights,


rule get_weights:
    """Fetch a backbone's pretrained weights, check them and store them as safetensors with their spec."""
    input:
        files=inputs_from_config(inputs.weights_files, "backbone"),
    output:
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
    log:
        f"{paths.LOGS}/get_weights/{{backbone}}.log",
    wildcard_constraints:
        backbone=constraints.fetched_backbones(settled),
    cache: "omit-software"
    params:
        settings=from_config(settings.backbone_settings, "backbone"),
        code=code_of("get_weights"),
    script:
        "../scripts/get_weights.py"


rule pretrain_backbone:
    """Pretrain a small backbone on an unlabelled pool (contrastive), for pools without a fitting one."""
    input:
        unpack(inputs_from_config(inputs.pretraining_pool, "backbone")),
    output:
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        made_by=f"{paths.WEIGHTS}/made_by.json",
    log:
        f"{paths.LOGS}/pretrain_backbone/{{backbone}}.log",
    wildcard_constraints:
        backbone=constraints.pretrained_backbones(settled),
    threads: 2
    resources:
        gpu=1,
    params:
        settings=from_config(settings.pretraining_settings, "backbone"),
        code=code_of("pretrain_backbone", plugins.pretraining_modules, "backbone"),
    script:
        "../scripts/pretrain_backbone.py"

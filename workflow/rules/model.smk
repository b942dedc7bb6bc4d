# A model of one's own labels. REQUIRED INPUTS: images, weights, frozen features of the pool, datasets.NAME.labels.
# OUTPUTS: results/models/{dataset}/{backbone}/. No test images are needed; where there are, they measure and choose nothing.


rule decode_pool_part:
    """Unlabelled images of the pool that phase 3 looks at, as squares, once for all folds and recipes."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        spec=f"{paths.WEIGHTS}/backbone.json",
        labels=inputs_from_config(inputs.labels, "dataset"),
    output:
        images=temp(paths.POOL_IMAGES),
    log:
        f"{paths.LOGS}/decode_pool_part/{{dataset}}/{{backbone}}.log",
    threads: 2
    params:
        settings=from_config(settings.pool_part_settings, "dataset"),
        code=code_of("decode_pool_part", plugins.source_modules, "dataset"),
    script:
        "../scripts/decode_pool_part.py"


rule validate_recipe:
    """Out-of-fold logits of the labelled images: all phases of a recipe, fitted anew without each of a share of the folds."""
    input:
        unpack(inputs_from_config(inputs.model_pool, "backbone", "candidate")),
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        labels=inputs_from_config(inputs.labels, "dataset"),
        groups=inputs_from_config(inputs.groups, "dataset"),
    output:
        validation=paths.VALIDATION,
        timing=f"{paths.MODEL}/validation/{{candidate}}-{{share}}.timing.json",
    log:
        f"{paths.LOGS}/validate_recipe/{{dataset}}/{{backbone}}/{{candidate}}-{{share}}.log",
    threads: threads_side_by_side()
    resources:
        gpu=1,
    params:
        settings=from_config(settings.validation_settings, "dataset", "backbone", "candidate"),
        code=code_of("validate_recipe", plugins.candidate_modules, "dataset", "candidate"),
        resume=model_resume_state,
    script:
        "../scripts/validate_recipe.py"


rule assess_model:
    """Choose the recipe; estimate its accuracy, calibrate it, list label issues, and say what more labels would bring."""
    input:
        validations=inputs_from_config(inputs.validations, "backbone"),
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        pool=f"{paths.FEATURES}/pool.h5",
        labels=inputs_from_config(inputs.labels, "dataset"),
        groups=inputs_from_config(inputs.groups, "dataset"),
    output:
        assessment=f"{paths.MODEL}/assessment.json",
        label_issues=f"{paths.MODEL}/label_errors.csv",
    log:
        f"{paths.LOGS}/assess_model/{{dataset}}/{{backbone}}.log",
    params:
        settings=from_config(settings.assessment_settings, "backbone"),
        code=code_of("assess_model"),
    script:
        "../scripts/assess_model.py"


rule train_model:
    """All phases of the chosen recipe on all labels; adapters merged, logits calibrated."""
    input:
        unpack(inputs_from_config(inputs.model_pools, "backbone")),
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        classes=f"{paths.DATASET}/classes.json",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        spec=f"{paths.WEIGHTS}/backbone.json",
        assessment=f"{paths.MODEL}/assessment.json",
        labels=inputs_from_config(inputs.labels, "dataset"),
        groups=inputs_from_config(inputs.groups, "dataset"),
    output:
        weights=f"{paths.MODEL}/model.safetensors",
        config=f"{paths.MODEL}/config.json",
        adapter=directory(f"{paths.MODEL}/adapter"),
        classes=f"{paths.MODEL}/classes.txt",
        made_by=f"{paths.MODEL}/made_by.json",
    log:
        f"{paths.LOGS}/train_model/{{dataset}}/{{backbone}}.log",
    threads: 2
    resources:
        gpu=1,
    params:
        settings=from_config(settings.model_settings, "dataset", "backbone"),
        code=code_of("train_model", plugins.model_modules, "dataset", "backbone"),
        resume=model_resume_state,
    script:
        "../scripts/train_model.py"


rule estimate_model:
    """The model on the unlabelled pool: what it is least sure of, as a selection to label next, and the estimate.

    And its accuracy on the test images, where the dataset has labelled ones.
    """
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        weights=f"{paths.MODEL}/model.safetensors",
        config=f"{paths.MODEL}/config.json",
        assessment=f"{paths.MODEL}/assessment.json",
        pool=f"{paths.FEATURES}/pool.h5",
        labels=inputs_from_config(inputs.labels, "dataset"),
        groups=inputs_from_config(inputs.groups, "dataset"),
    output:
        selection=f"{paths.MODEL}/next_to_label.csv",
        record=f"{paths.MODEL}/next_to_label.json",
        estimate=f"{paths.MODEL}/estimate.json",
        predictions=f"{paths.MODEL}/{paths.POOL_PREDICTIONS}",
        profile=f"{paths.MODEL}/pool_profile.safetensors",
        test=f"{paths.MODEL}/test.json",
    log:
        f"{paths.LOGS}/estimate_model/{{dataset}}/{{backbone}}.log",
    threads: threads_side_by_side()
    resources:
        gpu=1,
    params:
        settings=from_config(settings.pool_prediction_settings, "dataset"),
        code=code_of("estimate_model", plugins.source_modules, "dataset"),
    script:
        "../scripts/estimate_model.py"


rule audit_model:
    """Accuracy on images drawn at random from the pool, where their labels are back (`fact audit`)."""
    input:
        predictions=f"{paths.MODEL}/{paths.POOL_PREDICTIONS}",
        config=f"{paths.MODEL}/config.json",
        labels=inputs_from_config(inputs.labels, "dataset"),
        groups=inputs_from_config(inputs.groups, "dataset"),
        audit=inputs_from_config(inputs.audit, "dataset"),
    output:
        audit=f"{paths.MODEL}/audit.json",
    log:
        f"{paths.LOGS}/audit_model/{{dataset}}/{{backbone}}.log",
    params:
        code=code_of("audit_model"),
    script:
        "../scripts/audit_model.py"


rule export_model:
    """ONNX, torch.export and a timm folder, compared with the model."""
    input:
        weights=f"{paths.MODEL}/model.safetensors",
        config=f"{paths.MODEL}/config.json",
    output:
        exports=f"{paths.MODEL}/exports.json",
        onnx=f"{paths.MODEL}/model.onnx",
        exported=f"{paths.MODEL}/model.pt2",
        timm=f"{paths.MODEL}/timm/model.safetensors",
        timm_config=f"{paths.MODEL}/timm/config.json",
        selftest=f"{paths.MODEL}/selftest.safetensors",
    log:
        f"{paths.LOGS}/export_model/{{dataset}}/{{backbone}}.log",
    params:
        code=code_of("export_model"),
    script:
        "../scripts/export_model.py"


rule describe_model:
    """The card, for people and for the Hugging Face Hub; written last."""
    input:
        config=f"{paths.MODEL}/config.json",
        assessment=f"{paths.MODEL}/assessment.json",
        estimate=f"{paths.MODEL}/estimate.json",
        test=f"{paths.MODEL}/test.json",
        audit=f"{paths.MODEL}/audit.json",
        exports=f"{paths.MODEL}/exports.json",
    output:
        card=f"{paths.MODEL}/README.md",
        timm_card=f"{paths.MODEL}/timm/README.md",
    log:
        f"{paths.LOGS}/describe_model/{{dataset}}/{{backbone}}.log",
    params:
        code=code_of("describe_model"),
    script:
        "../scripts/describe_model.py"

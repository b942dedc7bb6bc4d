# A model of one's own labels. REQUIRED INPUTS: images, weights, frozen features of the pool, datasets.NAME.labels.
# OUTPUTS: results/models/{dataset}/{backbone}/. No test images are needed; where there are, they measure and choose nothing.


rule validate_recipe:
    """Out-of-fold logits of the labelled images: all phases of a recipe, fitted anew without each fold."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        labels=get_bought_labels,
    output:
        validation="results/models/{dataset}/{backbone}/validation/{candidate}.safetensors",
        timing="results/models/{dataset}/{backbone}/validation/{candidate}.timing.json",
    log:
        "results/logs/validate_recipe/{dataset}/{backbone}/{candidate}.log",
    conda:
        "../../envs/fact.yaml"
    threads: threads_side_by_side()
    resources:
        gpu=1,
    params:
        settings=get_validation_settings,
        code=get_validation_code,
        resume=get_model_resume,
    script:
        "../scripts/validate_recipe.py"


rule assess_model:
    """Choose the recipe; estimate its accuracy, calibrate it, doubt labels, and tell what more labels would bring."""
    input:
        validations=get_validations,
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        pool="results/features/{dataset}/{backbone}/pool.h5",
        labels=get_bought_labels,
    output:
        assessment="results/models/{dataset}/{backbone}/assessment.json",
        doubts="results/models/{dataset}/{backbone}/label_errors.csv",
    log:
        "results/logs/assess_model/{dataset}/{backbone}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_assessment_settings,
        code=stage_code("assess_model"),
    script:
        "../scripts/assess_model.py"


rule train_model:
    """All phases of the chosen recipe on all labels; adapters merged, logits calibrated."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        assessment="results/models/{dataset}/{backbone}/assessment.json",
        labels=get_bought_labels,
    output:
        weights="results/models/{dataset}/{backbone}/model.safetensors",
        config="results/models/{dataset}/{backbone}/config.json",
        adapter="results/models/{dataset}/{backbone}/adapter.safetensors",
        classes="results/models/{dataset}/{backbone}/classes.txt",
    log:
        "results/logs/train_model/{dataset}/{backbone}.log",
    conda:
        "../../envs/fact.yaml"
    threads: 2
    resources:
        gpu=1,
    params:
        settings=get_model_settings,
        code=get_model_code,
        resume=get_model_resume,
    script:
        "../scripts/train_model.py"


rule score_model:
    """Accuracy on the test images, where the dataset has labelled ones."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        weights="results/models/{dataset}/{backbone}/model.safetensors",
        config="results/models/{dataset}/{backbone}/config.json",
    output:
        test="results/models/{dataset}/{backbone}/test.json",
    log:
        "results/logs/score_model/{dataset}/{backbone}.log",
    conda:
        "../../envs/fact.yaml"
    threads: 2
    resources:
        gpu=1,
    params:
        settings=get_model_reading,
        code=get_model_scoring_code,
    script:
        "../scripts/score_model.py"


rule estimate_model:
    """The model on the unlabelled pool: what it is least sure of, as a selection to label next, and the estimate."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        weights="results/models/{dataset}/{backbone}/model.safetensors",
        config="results/models/{dataset}/{backbone}/config.json",
        assessment="results/models/{dataset}/{backbone}/assessment.json",
        labels=get_bought_labels,
    output:
        selection="results/models/{dataset}/{backbone}/next_to_label.csv",
        record="results/models/{dataset}/{backbone}/next_to_label.json",
        estimate="results/models/{dataset}/{backbone}/estimate.json",
    log:
        "results/logs/estimate_model/{dataset}/{backbone}.log",
    conda:
        "../../envs/fact.yaml"
    threads: 2
    resources:
        gpu=1,
    params:
        settings=get_pool_sweep_settings,
        code=get_pool_sweep_code,
    script:
        "../scripts/estimate_model.py"


rule export_model:
    """ONNX, torch.export and a timm folder, compared with the model; the card, which is written last."""
    input:
        weights="results/models/{dataset}/{backbone}/model.safetensors",
        config="results/models/{dataset}/{backbone}/config.json",
        assessment="results/models/{dataset}/{backbone}/assessment.json",
        estimate="results/models/{dataset}/{backbone}/estimate.json",
        test="results/models/{dataset}/{backbone}/test.json",
    output:
        card="results/models/{dataset}/{backbone}/README.md",
        onnx="results/models/{dataset}/{backbone}/model.onnx",
        exported="results/models/{dataset}/{backbone}/model.pt2",
        timm="results/models/{dataset}/{backbone}/timm/model.safetensors",
        timm_config="results/models/{dataset}/{backbone}/timm/config.json",
        selftest="results/models/{dataset}/{backbone}/selftest.safetensors",
    log:
        "results/logs/export_model/{dataset}/{backbone}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        code=stage_code("export_model"),
    script:
        "../scripts/export_model.py"

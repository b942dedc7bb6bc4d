# Phase 2. REQUIRED INPUTS: images, a selection, pretrained weights, and a probe where the recipe starts from one.
# OUTPUTS: …/seed{seed}/{recipe}/{checkpoint.safetensors,score.json,timing.json,refined_labelled.h5,refined_test.h5}.


rule tune_backbone:
    """Finetune the backbone on the labelled images (FF, LP-FT, LP-LoRA)."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        labels=get_bought_labels,
        start=get_start,
        pseudo=get_pseudo_labels,
    output:
        checkpoint="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/checkpoint.safetensors",
        score="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/score.json",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/timing.json",
    log:
        "results/logs/tune_backbone/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}.log",
    wildcard_constraints:
        dataset=names("datasets", classified),
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_tuning_settings,
        code=get_tuning_code,
        resume=get_resume,
    script:
        "../scripts/tune_backbone.py"


rule refine_features:
    """Pooled vectors and patch tokens of the tuned backbone, for its own labelled images and the test images."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        classes="results/datasets/{dataset}/classes.json",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        labels=get_bought_labels,
        checkpoint="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/checkpoint.safetensors",
    output:
        labelled="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/refined_labelled.h5",
        test="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/refined_test.h5",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/refined.timing.json",
    log:
        "results/logs/refine_features/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}.log",
    wildcard_constraints:
        dataset=names("datasets", classified),
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_refinement_settings,
        code=get_refinement_code,
    script:
        "../scripts/refine_features.py"

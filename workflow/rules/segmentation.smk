# Segmentation, for datasets with `task: segmentation`: phases 1 to 3 on masks. Images are indexed, features extracted and
# images selected by the rules of classification. REQUIRED INPUTS: a manifest, weights, a selection.
# OUTPUTS: results/datasets/{dataset}/masks.parquet; …/seed{seed}/{frozen,RECIPE}/{maps_labelled.h5,maps.timing.json}, and
# below probe/{probe}/, {recipe}/ and {recipe}/{head}/ the model, score.json, timing.json and shown.safetensors;
# results/tables/{table}.{csv,md,tex} and results/figures/{table}-{dataset}-panels.{html,png}.


localrules:
    make_segmentation_table,
    show_segmentations,


rule index_masks:
    """Checksum and pixels by class of every mask; apart from the manifest, which selection reads."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
    output:
        masks="results/datasets/{dataset}/masks.parquet",
    log:
        "results/logs/index_masks/{dataset}.log",
    wildcard_constraints:
        dataset=names("datasets", segmented),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_mask_settings,
        code=get_mask_code,
    script:
        "../scripts/index_masks.py"


rule refine_maps:
    """Multi-level features of crops of the labelled images, by the pretrained or a tuned backbone."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        masks="results/datasets/{dataset}/masks.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        checkpoint=get_maps_checkpoint,
    output:
        maps="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/maps_labelled.h5",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/maps.timing.json",
    log:
        "results/logs/refine_maps/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}.log",
    wildcard_constraints:
        dataset=names("datasets", segmented),
        recipe=f"frozen|{segmentation_names('recipes')}",
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_maps_settings,
        code=get_maps_code,
    script:
        "../scripts/refine_maps.py"


rule train_segmentation_probe:
    """Phase 1: the head on maps of the frozen backbone (LP)."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        masks="results/datasets/{dataset}/masks.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        maps="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/frozen/maps_labelled.h5",
    output:
        head="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/head.safetensors",
        score="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/score.json",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/timing.json",
        shown="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/probe/{probe}/shown.safetensors",
    log:
        "results/logs/train_segmentation_probe/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{probe}.log",
    wildcard_constraints:
        dataset=names("datasets", segmented),
        probe=segmentation_names("probes"),
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_segmentation_probe_settings,
        code=get_segmentation_probe_code,
        resume=get_head_resume,
    script:
        "../scripts/train_segmentation_probe.py"


rule tune_segmenter:
    """Phase 2: backbone and head on random crops (FF, LP-FT, LP-LoRA)."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        masks="results/datasets/{dataset}/masks.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        start=get_segmenter_start,
    output:
        checkpoint="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/checkpoint.safetensors",
        score="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/score.json",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/timing.json",
        shown="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/shown.safetensors",
    log:
        "results/logs/tune_segmenter/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}.log",
    wildcard_constraints:
        dataset=names("datasets", segmented),
        recipe=segmentation_names("recipes"),
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_segmenter_settings,
        code=get_segmenter_code,
        resume=get_resume,
    script:
        "../scripts/tune_segmenter.py"


rule fit_segmentation_head:
    """Phase 3: phase 2's head trained on, on FroFA-augmented maps of its frozen backbone."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        classes="results/datasets/{dataset}/classes.json",
        masks="results/datasets/{dataset}/masks.parquet",
        weights="results/weights/{backbone}/model.safetensors",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        checkpoint="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/checkpoint.safetensors",
        maps="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/maps_labelled.h5",
    output:
        head="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/head.safetensors",
        score="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/score.json",
        timing="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/timing.json",
        shown="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}/shown.safetensors",
    log:
        "results/logs/fit_segmentation_head/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/{head}.log",
    wildcard_constraints:
        dataset=names("datasets", segmented),
        recipe=segmentation_names("recipes"),
        head=segmentation_names("heads"),
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_segmentation_head_settings,
        code=get_segmentation_head_code,
        resume=get_head_resume,
    script:
        "../scripts/fit_segmentation_head.py"


rule make_segmentation_table:
    """mIoU, mAcc and aAcc, mean ± sd (n) over seeds beside the published values."""
    input:
        scores=get_scores,
        published=get_published,
    output:
        csv=report("results/tables/{table}.csv", category="Tables", labels={"table": "{table}"}),
        md="results/tables/{table}.md",
        tex="results/tables/{table}.tex",
    log:
        "results/logs/make_segmentation_table/{table}.log",
    wildcard_constraints:
        table=table_names(pixels=True),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_table_settings,
        cells=get_segmentation_cells,
        code=stage_code("make_segmentation_table"),
    script:
        "../scripts/make_segmentation_table.py"


rule show_segmentations:
    """Image, truth and each method's segmentation of a few test images: a page, and the last column as a picture."""
    input:
        unpack(get_shown),
    output:
        html=report(
            "results/figures/{table}-{dataset}-panels.html",
            category="Segmentations",
            labels={"table": "{table}", "dataset": "{dataset}"},
        ),
        png="results/figures/{table}-{dataset}-panels.png",
    log:
        "results/logs/show_segmentations/{table}-{dataset}.log",
    wildcard_constraints:
        table=table_names(pixels=True),
        dataset=names("datasets", segmented),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_shown_settings,
        code=get_shown_code,
    script:
        "../scripts/show_segmentations.py"

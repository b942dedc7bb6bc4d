# REQUIRED INPUTS: checkpoints of phase 2 and the images of the pool.
# OUTPUTS: …/seed{seed}/{recipe}/distortion.json, results/tables/distortion.csv, results/figures/distortion.{pdf,png}.


localrules:
    plot_distortion,


rule measure_distortion:
    """How far a checkpoint moves the features of its labelled images and of a fixed sample of the others."""
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
        distortion="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}/distortion.json",
    log:
        "results/logs/measure_distortion/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{recipe}.log",
    conda:
        "../../envs/fact.yaml"
    resources:
        gpu=1,
    params:
        settings=get_extraction_settings,
        code=get_distortion_code,
    script:
        "../scripts/measure_distortion.py"


rule plot_distortion:
    """Feature distortion over the budget, labelled against other images of the pool, a line a recipe."""
    input:
        records=get_distortions,
    output:
        csv="results/tables/distortion.csv",
        pdf="results/figures/distortion.pdf",
        png=report("results/figures/distortion.png", category="Figures", labels={"table": "distortion"}),
    log:
        "results/logs/plot_distortion.log",
    conda:
        "../../envs/fact.yaml"
    params:
        cells=distortion_cells(config),
        code=stage_code("plot_distortion", "fact.report.figures.distortion"),
    script:
        "../scripts/plot_distortion.py"

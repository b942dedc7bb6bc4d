# REQUIRED INPUTS: checkpoints of phase 2 and the images of the pool.
# OUTPUTS: …/seed{seed}/{recipe}/distortion.json, results/tables/distortion.csv, results/figures/distortion.{pdf,png}.


localrules:
    plot_distortion,


rule measure_distortion:
    """How far a checkpoint moves the features of its labelled images and of a fixed sample of the others."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        weights=f"{paths.WEIGHTS}/model.safetensors",
        classes=f"{paths.DATASET}/classes.json",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        labels=inputs_from_config(inputs.labels, "dataset"),
        checkpoint=f"{paths.RECIPE}/checkpoint.safetensors",
    output:
        distortion=f"{paths.RECIPE}/distortion.json",
    log:
        f"{paths.LOGS}/measure_distortion/{paths.CELL}/{{recipe}}.log",
    resources:
        gpu=1,
    params:
        settings=from_config(settings.extraction_settings, "dataset"),
        code=code_of("measure_distortion", plugins.tuning_modules, "dataset", "recipe"),
    script:
        "../scripts/measure_distortion.py"


rule plot_distortion:
    """Feature distortion over the budget, labelled against other images of the pool, one line per recipe."""
    input:
        records=when_asked(targets.distortion_records),
    output:
        csv=f"{paths.DISTORTION_TABLE}.csv",
        pdf=f"{paths.DISTORTION_FIGURE}.pdf",
        svg=f"{paths.DISTORTION_FIGURE}.svg",
        png=report(
            f"{paths.DISTORTION_FIGURE}.png",
            caption="../report/distortion.rst",
            category="Figures",
            labels={"table": "distortion"},
        ),
    log:
        f"{paths.LOGS}/plot_distortion.log",
    params:
        cells=settings.plain(targets.distortion_cells(settled)),
        code=code_of("plot_distortion"),
    script:
        "../scripts/plot_distortion.py"

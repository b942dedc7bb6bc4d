# REQUIRED INPUTS: scores, tables, records and timings of every table of the run, and what run.report asks for.
# OUTPUTS: results/report/index.html, one page that needs no network, and results/report/pictures/{dataset}.parquet,
# the small pictures on it.


localrules:
    picture_images,
    write_report,


rule picture_images:
    """Small pictures of what was picked, and of test images that were taken for another class."""
    input:
        unpack(inputs_from_config(targets.pictured_files, "dataset")),
    output:
        pictures=paths.PICTURES,
    log:
        f"{paths.LOGS}/picture_images/{{dataset}}.log",
    wildcard_constraints:
        dataset=constraints.datasets_of_task(settled, segments=False),
    params:
        settings=from_config(targets.picture_settings, "dataset"),
        code=code_of("picture_images", plugins.source_modules, "dataset"),
    script:
        "../scripts/picture_images.py"


rule write_report:
    """Everything that the run has found, as one page to look at."""
    input:
        unpack(when_asked(targets.report_files)),
    output:
        page=report(paths.PAGE, caption="../report/page.rst", category="Report", labels={"page": "all of it"}),
    log:
        f"{paths.LOGS}/write_report.log",
    params:
        settings=settings.plain(used.used_config(settled)),
        templates=templates_sha256(),
        code=code_of("write_report"),
    script:
        "../scripts/write_report.py"

# REQUIRED INPUTS: scores, tables, records and timings of every table of the run, and what run.report asks for.
# OUTPUTS: results/report/index.html, one page that needs no network.


localrules:
    write_report,


rule write_report:
    """Everything that the run has found, as one page to look at."""
    input:
        unpack(get_report_files),
    output:
        page=report(PAGE, category="Report", labels={"page": "all of it"}),
    log:
        "results/logs/write_report.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=used_config(config),
        templates=get_templates(),
        code=stage_code("write_report"),
    script:
        "../scripts/write_report.py"

# REQUIRED INPUTS: scores, tables, records and timings of every table of the run, and what run.report asks for.
# OUTPUTS: results/report/index.html, one page that needs no network.


localrules:
    write_report,


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

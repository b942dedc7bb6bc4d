# REQUIRED INPUTS: the score.json of every cell of a table.
# OUTPUTS: results/scores/{table}.parquet, results/tables/{table}.{csv,md,tex}, results/tables/{table}-comparison.csv,
# results/figures/{table}-over-budget.{pdf,png}, or results/figures/{table}-bars.{pdf,png}.


localrules:
    collect_scores,
    make_table,
    plot_bars,
    plot_budgets,


rule collect_scores:
    """One row a score, every setting a column."""
    input:
        scores=get_scores,
        timings=get_table_timings,
    output:
        scores="results/scores/{table}.parquet",
    log:
        "results/logs/collect_scores/{table}.log",
    wildcard_constraints:
        table=table_names(pixels=False),
    conda:
        "../../envs/fact.yaml"
    params:
        cells=get_scores_settings,
        code=stage_code("collect_scores"),
    script:
        "../scripts/collect_scores.py"


rule make_table:
    """Mean ± sd (n) over seeds beside the published values, as CSV, Markdown and LaTeX; rows compared."""
    input:
        scores="results/scores/{table}.parquet",
        published=get_published,
    output:
        csv=report("results/tables/{table}.csv", category="Tables", labels={"table": "{table}"}),
        md="results/tables/{table}.md",
        tex="results/tables/{table}.tex",
        comparison="results/tables/{table}-comparison.csv",
    log:
        "results/logs/make_table/{table}.log",
    wildcard_constraints:
        table=table_names(pixels=False),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_table_settings,
        code=stage_code("make_table"),
    script:
        "../scripts/make_table.py"


rule plot_budgets:
    """Accuracy over budget, a line a method."""
    input:
        scores="results/scores/{table}.parquet",
    output:
        pdf="results/figures/{table}-over-budget.pdf",
        png=report("results/figures/{table}-over-budget.png", category="Figures", labels={"table": "{table}"}),
    log:
        "results/logs/plot_budgets/{table}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_table_settings,
        code=stage_code("plot_budgets", "fact.report.figures.budgets"),
    script:
        "../scripts/plot_budgets.py"


rule plot_bars:
    """Accuracy by budget as bars, a bar for each backbone and row."""
    input:
        scores="results/scores/{table}.parquet",
    output:
        pdf="results/figures/{table}-bars.pdf",
        png=report("results/figures/{table}-bars.png", category="Figures", labels={"table": "{table}"}),
    log:
        "results/logs/plot_bars/{table}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_table_settings,
        code=stage_code("plot_bars", "fact.report.figures.budgets"),
    script:
        "../scripts/plot_bars.py"

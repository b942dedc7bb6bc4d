# REQUIRED INPUTS: the score.json of every cell of a table.
# OUTPUTS: results/scores/{table}.parquet, results/tables/{table}.{csv,md,tex}, results/tables/{table}-comparison.csv,
# results/figures/{table}-over-budget.{pdf,svg,png}, or results/figures/{table}-bars.{pdf,svg,png}.


localrules:
    collect_scores,
    make_table,
    plot_bars,
    plot_budgets,


rule collect_scores:
    """One row per score, every setting a column."""
    input:
        scores=inputs_from_config(cells.table_scores, "table"),
        timings=inputs_from_config(targets.table_timings, "table"),
    output:
        scores=f"{paths.SCORES}.parquet",
    log:
        f"{paths.LOGS}/collect_scores/{{table}}.log",
    params:
        cells=from_config(targets.score_cells, "table"),
        code=code_of("collect_scores"),
    script:
        "../scripts/collect_scores.py"


rule make_table:
    """Mean ± sd (n) over seeds beside the published values, as CSV, Markdown and LaTeX; rows compared."""
    input:
        scores=f"{paths.SCORES}.parquet",
        published=published,
    output:
        csv=report(
            f"{paths.TABLE}.csv",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
        md=f"{paths.TABLE}.md",
        tex=f"{paths.TABLE}.tex",
        comparison=f"{paths.TABLE}-comparison.csv",
    log:
        f"{paths.LOGS}/make_table/{{table}}.log",
    params:
        settings=from_config(tables.table_settings, "table"),
        code=code_of("make_table"),
    script:
        "../scripts/make_table.py"


rule plot_budgets:
    """Accuracy over budget, one line per method."""
    input:
        scores=f"{paths.SCORES}.parquet",
    output:
        pdf=f"{paths.FIGURE}-over-budget.pdf",
        svg=f"{paths.FIGURE}-over-budget.svg",
        png=report(
            f"{paths.FIGURE}-over-budget.png",
            caption="../report/budgets.rst",
            category="Figures",
            labels={"table": "{table}"},
        ),
    log:
        f"{paths.LOGS}/plot_budgets/{{table}}.log",
    params:
        settings=from_config(tables.table_settings, "table"),
        code=code_of("plot_budgets"),
    script:
        "../scripts/plot_budgets.py"


rule plot_bars:
    """Accuracy by budget as bars, a bar for each backbone and row."""
    input:
        scores=f"{paths.SCORES}.parquet",
    output:
        pdf=f"{paths.FIGURE}-bars.pdf",
        svg=f"{paths.FIGURE}-bars.svg",
        png=report(
            f"{paths.FIGURE}-bars.png",
            caption="../report/bars.rst",
            category="Figures",
            labels={"table": "{table}"},
        ),
    log:
        f"{paths.LOGS}/plot_bars/{{table}}.log",
    params:
        settings=from_config(tables.table_settings, "table"),
        code=code_of("plot_bars"),
    script:
        "../scripts/plot_bars.py"

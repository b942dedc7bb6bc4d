# REQUIRED INPUTS: frozen features of the pool. No labels.
# OUTPUTS: results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.{csv,json,timing.json}, and for who asks
# which selector to take: seed{seed}.measures.json, seed{seed}.html beside it and results/tables/selectors.{csv,md,tex}.


localrules:
    compare_selectors,
    embed_texts,


rule select_samples:
    """Choose which images of the pool to label."""
    input:
        manifest="results/datasets/{dataset}/manifest.parquet",
        features="results/features/{dataset}/{backbone}/pool.h5",
        labelled=get_already_labelled,
    output:
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        record="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.json",
        timing="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.timing.json",
    log:
        "results/logs/select_samples/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.log",
    wildcard_constraints:
        selector=names("selectors", one_step),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_selector_settings,
        code=get_selector_code,
    script:
        "../scripts/select_samples.py"


rule select_second_step:
    """Buy a part first, then the rest by what a probe on it says of the pool."""
    input:
        unpack(get_first_step),
        texts=get_texts,
        labels=get_bought_labels,
        classes="results/datasets/{dataset}/classes.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        features="results/features/{dataset}/{backbone}/pool.h5",
    output:
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        record="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.json",
        timing="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.timing.json",
    log:
        "results/logs/select_second_step/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.log",
    wildcard_constraints:
        selector=names("selectors", two_steps),
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_selector_settings,
        code=get_second_step_code,
    script:
        "../scripts/select_second_step.py"


rule embed_texts:
    """Class names or captions as vectors, by a CLIP text tower, where there is a network if it is on the hub."""
    input:
        classes="results/datasets/{dataset}/classes.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        captions=get_captions,
    output:
        texts="results/texts/{dataset}/{selector}.safetensors",
    log:
        "results/logs/embed_texts/{dataset}/{selector}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_text_settings,
        code=stage_code("embed_texts"),
    script:
        "../scripts/embed_texts.py"


rule measure_selection:
    """What picks are worth as a picture of their pool, without labels."""
    input:
        features="results/features/{dataset}/{backbone}/pool.h5",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
    output:
        measures="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.measures.json",
    log:
        "results/logs/measure_selection/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        code=stage_code("measure_selection"),
    script:
        "../scripts/measure_selection.py"


rule map_pool:
    """The pool in two dimensions."""
    input:
        features="results/features/{dataset}/{backbone}/pool.h5",
    output:
        map="results/features/{dataset}/{backbone}/pool-map.parquet",
    log:
        "results/logs/map_pool/{dataset}/{backbone}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        code=stage_code("map_pool"),
    script:
        "../scripts/map_pool.py"


rule show_selection:
    """A contact sheet of the chosen images, with the map of the pool."""
    input:
        source="results/sources/{dataset}/source.json",
        manifest="results/datasets/{dataset}/manifest.parquet",
        spec="results/weights/{backbone}/backbone.json",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        measures="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.measures.json",
        map="results/features/{dataset}/{backbone}/pool-map.parquet",
    output:
        sheet=report(
            "results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.html",
            category="Selections",
            labels={"selector": "{selector}", "budget": "{budget}", "seed": "{seed}"},
        ),
    log:
        "results/logs/show_selection/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_sheet_settings,
        code=get_sheet_code,
    script:
        "../scripts/show_selection.py"


rule compare_selectors:
    """Selectors side by side: coverage, diversity, transport, seconds, memory."""
    input:
        measures=get_selection_files("measures.json"),
        timings=get_selection_files("timing.json"),
    output:
        csv=report("results/tables/selectors.csv", category="Tables", labels={"table": "selectors"}),
        md="results/tables/selectors.md",
        tex="results/tables/selectors.tex",
    log:
        "results/logs/compare_selectors.log",
    conda:
        "../../envs/fact.yaml"
    params:
        cells=get_selector_cells(),
        oracles=[name for name in config["selectors"] if is_oracle(config, name)],
        code=stage_code("compare_selectors"),
    script:
        "../scripts/compare_selectors.py"

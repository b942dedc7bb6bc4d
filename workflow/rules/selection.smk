# REQUIRED INPUTS: frozen features of the pool. No labels.
# OUTPUTS: results/selections/<cell>.{csv,json,timing.json}, and where asked for
# which selector to take: seed{seed}.measures.json, seed{seed}.html beside it and results/tables/selectors.{csv,md,tex}.


localrules:
    compare_selectors,
    embed_texts,


rule select_samples:
    """Choose which images of the pool to label."""
    input:
        manifest=f"{paths.DATASET}/manifest.parquet",
        features=f"{paths.FEATURES}/pool.h5",
        patterns=inputs_from_config(inputs.patterns, "selector"),
        labelled=inputs_from_config(inputs.already_labelled, "dataset"),
        groups=inputs_from_config(inputs.spread_groups, "dataset"),
    output:
        selection=f"{paths.SELECTION}.csv",
        record=f"{paths.SELECTION}.json",
        timing=f"{paths.SELECTION}.timing.json",
    log:
        f"{paths.LOGS}/select_samples/{paths.CELL}.log",
    wildcard_constraints:
        selector=constraints.one_step_selectors(settled),
    resources:
        gpu=gpu_of("select_samples"),
        mem_mb=memory_of("select_samples"),
        runtime=minutes_of("select_samples"),
    params:
        settings=from_config(settings.selector_settings, "dataset", "selector"),
        may_be_gone=from_config(settings.labelled_may_be_gone, "dataset"),
        code=code_of("select_samples", plugins.selector_modules, "selector"),
    script:
        "../scripts/select_samples.py"


rule select_second_step:
    """Buy a part first, then the rest by what a probe on it says of the pool."""
    input:
        unpack(inputs_from_config(inputs.first_selection, *paths.Cell._fields)),
        texts=inputs_from_config(inputs.texts, "selector"),
        labels=inputs_from_config(inputs.labels, "dataset"),
        classes=f"{paths.DATASET}/classes.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        features=f"{paths.FEATURES}/pool.h5",
    output:
        selection=f"{paths.SELECTION}.csv",
        record=f"{paths.SELECTION}.json",
        timing=f"{paths.SELECTION}.timing.json",
    log:
        f"{paths.LOGS}/select_second_step/{paths.CELL}.log",
    wildcard_constraints:
        selector=constraints.two_step_selectors(settled),
    resources:
        gpu=gpu_of("select_second_step"),
        mem_mb=memory_of("select_second_step"),
        runtime=minutes_of("select_second_step"),
    params:
        settings=from_config(settings.selector_settings, "dataset", "selector"),
        code=code_of("select_second_step", plugins.second_step_modules, "selector"),
    script:
        "../scripts/select_second_step.py"


rule embed_texts:
    """Class names or captions as vectors, by a CLIP text tower, where there is a network if it is on the hub."""
    input:
        classes=f"{paths.DATASET}/classes.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        captions=inputs_from_config(inputs.captions, "selector"),
    output:
        texts=f"{paths.TEXTS}.safetensors",
    log:
        f"{paths.LOGS}/embed_texts/{{dataset}}/{{selector}}.log",
    params:
        settings=from_config(settings.text_settings, "selector"),
        code=code_of("embed_texts"),
    script:
        "../scripts/embed_texts.py"


rule measure_selection:
    """What picks are worth as a picture of their pool, without labels."""
    input:
        features=f"{paths.FEATURES}/pool.h5",
        selection=f"{paths.SELECTION}.csv",
    output:
        measures=f"{paths.SELECTION}.measures.json",
    log:
        f"{paths.LOGS}/measure_selection/{paths.CELL}.log",
    params:
        code=code_of("measure_selection"),
    script:
        "../scripts/measure_selection.py"


rule map_pool:
    """The pool in two dimensions."""
    input:
        features=f"{paths.FEATURES}/pool.h5",
    output:
        map=f"{paths.FEATURES}/pool-map.parquet",
    log:
        f"{paths.LOGS}/map_pool/{{dataset}}/{{backbone}}.log",
    params:
        code=code_of("map_pool"),
    script:
        "../scripts/map_pool.py"


rule show_selection:
    """A contact sheet of the newly chosen images, with the map of the pool."""
    input:
        source=f"{paths.SOURCE}/source.json",
        manifest=f"{paths.DATASET}/manifest.parquet",
        spec=f"{paths.WEIGHTS}/backbone.json",
        selection=f"{paths.SELECTION}.csv",
        record=f"{paths.SELECTION}.json",
        measures=f"{paths.SELECTION}.measures.json",
        map=f"{paths.FEATURES}/pool-map.parquet",
    output:
        sheet=report(
            f"{paths.SELECTION}.html",
            caption="../report/sheet.rst",
            category="Selections",
            labels={"selector": "{selector}", "budget": "{budget}", "seed": "{seed}"},
        ),
    log:
        f"{paths.LOGS}/show_selection/{paths.CELL}.log",
    params:
        settings=from_config(settings.reading_settings, "dataset"),
        code=code_of("show_selection", plugins.source_modules, "dataset"),
    script:
        "../scripts/show_selection.py"


rule compare_selectors:
    """Selectors side by side: coverage, diversity, transport, seconds, memory."""
    input:
        measures=targets.files_beside_selections(settled, "measures.json"),
        timings=targets.files_beside_selections(settled, "timing.json"),
    output:
        csv=report(
            f"{paths.SELECTORS}.csv",
            caption="../report/selectors.rst",
            category="Tables",
            labels={"table": "selectors"},
        ),
        md=f"{paths.SELECTORS}.md",
        tex=f"{paths.SELECTORS}.tex",
    log:
        f"{paths.LOGS}/compare_selectors.log",
    params:
        cells=settings.plain(targets.selector_cells(settled)),
        oracles=settings.plain(tables.oracles(settled)),
        code=code_of("compare_selectors"),
    script:
        "../scripts/compare_selectors.py"

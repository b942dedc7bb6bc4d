# Between selection and phase 2. REQUIRED INPUTS: frozen features of the pool, a selection and the labels it bought.
# OUTPUTS: results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/pseudo/{calibration}.json.


rule calibrate_labels:
    """Pseudo-labels for pool images near the bought ones (ActiveDC)."""
    input:
        classes="results/datasets/{dataset}/classes.json",
        pool="results/features/{dataset}/{backbone}/pool.h5",
        selection="results/selections/{dataset}/{backbone}/{selector}/{budget}/seed{seed}.csv",
        labels=get_bought_labels,
    output:
        pseudo="results/runs/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/pseudo/{calibration}.json",
    log:
        "results/logs/calibrate_labels/{dataset}/{backbone}/{selector}/{budget}/seed{seed}/{calibration}.log",
    conda:
        "../../envs/fact.yaml"
    params:
        settings=get_calibration_settings,
        code=get_calibration_code,
    script:
        "../scripts/calibrate_labels.py"

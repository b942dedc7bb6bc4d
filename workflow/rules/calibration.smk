# Between selection and phase 2. REQUIRED INPUTS: frozen features of the pool, a selection and its labels.
# OUTPUTS: results/runs/<cell>/pseudo/{calibration}.json.


rule calibrate_labels:
    """Pseudo-labels for pool images near the labelled ones (ActiveDC)."""
    input:
        classes=f"{paths.DATASET}/classes.json",
        pool=f"{paths.FEATURES}/pool.h5",
        selection=f"{paths.SELECTION}.csv",
        labels=inputs_from_config(inputs.labels, "dataset"),
    output:
        pseudo=f"{paths.PSEUDO}.json",
    log:
        f"{paths.LOGS}/calibrate_labels/{paths.CELL}/{{calibration}}.log",
    wildcard_constraints:
        calibration=constraints.calibrations_after_recipes(settled, after=False),
    resources:
        gpu=gpu_of("calibrate_labels"),
        mem_mb=memory_of("calibrate_labels"),
        runtime=minutes_of("calibrate_labels"),
    params:
        settings=from_config(settings.calibration_settings, "dataset", "calibration"),
        code=code_of("calibrate_labels", plugins.calibration_modules, "calibration"),
    script:
        "../scripts/calibrate_labels.py"

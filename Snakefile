from snakemake.utils import min_version

min_version("9.19")


# also when `--directory` names another folder for the results
configfile: f"{workflow.basedir}/config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/backbones.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/selection.smk"
include: "workflow/rules/probe.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/tuning.smk"
include: "workflow/rules/heads.smk"
include: "workflow/rules/segmentation.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/distortion.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/guard.smk"


rule all_tables:
    """Every table and figure that run.tables asks for (the default)."""
    default_target: True
    input:
        when_asked(targets.all_tables),


rule select:
    """The images to label, to look at and with selectors side by side; nothing after the selections."""
    input:
        when_asked(targets.selection_files),


rule report:
    """One page to look at: tables, charts, selectors, times and what everything was made with."""
    input:
        paths.PAGE,


rule distortion:
    """How far finetuning moves features of labelled and of other pool images."""
    input:
        targets.distortion_files(),


rule model:
    """A model of one's own labels: chosen, measured, exported; needs no test images."""
    input:
        when_asked(targets.model_files),


rule downloads:
    """Sources and weights of the run, all that needs a network; run it on a login node."""
    input:
        when_asked(targets.download_files),


for target in own_targets():

    rule:
        name:
            target
        input:
            targets.table_files(settled, target),

from snakemake.utils import min_version

min_version("9.19")


configfile: "config/datasets.yaml"
configfile: "config/backbones.yaml"
configfile: "config/selectors.yaml"
configfile: "config/recipes.yaml"
configfile: "config/heads.yaml"
configfile: "config/methods.yaml"
configfile: "config/tables.yaml"
configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/targets.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/backbones.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/selection.smk"
include: "workflow/rules/probe.smk"
include: "workflow/rules/tuning.smk"
include: "workflow/rules/heads.smk"
include: "workflow/rules/tables.smk"

# The workflow is workflow/Snakefile; with this file `snakemake` can be typed here without naming it.
include: "workflow/Snakefile"


# an included file does not set the default target
workflow.default_target = "all_tables"

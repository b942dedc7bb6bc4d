# What one asks for by name. Each table and each dataset of the configuration has a target of its own.


rule all_tables:
    """Every table and figure that run.tables asks for (the default)."""
    default_target: True
    input:
        get_tables,


rule select:
    """The images to label: every selection of the run, and nothing after it."""
    input:
        get_selections,


rule downloads:
    """Sources and weights of the run, all that needs a network; run it on a login node."""
    input:
        get_downloads,


for target in [*config["tables"], *config["datasets"]]:

    rule:
        name:
            target
        input:
            get_table_files(target),

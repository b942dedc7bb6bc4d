"""Label images in a browser: a page served by this machine, for a project or a selection of the workflow."""

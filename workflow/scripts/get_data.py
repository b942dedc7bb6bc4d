"""Find or download a source's folder; write down where it is."""

from pathlib import Path

from fact.data.sources import load_source
from fact.job import begin
from fact.record import publish_record

begin(snakemake.log[0], snakemake.params.code)

settings = snakemake.params.settings
output = Path(snakemake.output.source)
root = settings["root"]
module = load_source(settings["source"])
if root is None and hasattr(module, "download"):
    root = str(output.parent)
    module.download(Path(root))
if root is not None and not Path(root).is_dir():
    raise FileNotFoundError(
        f"datasets.{snakemake.wildcards.dataset}.root: the folder {root} does not exist; "
        "put the images there or change the key"
    )
publish_record(output, {"source": settings["source"], "root": root})

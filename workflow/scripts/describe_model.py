"""The model's card."""

from pathlib import Path

from fact.infra.files.publish import publish_text
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.model.audit import with_audit
from fact.model.card import card
from fact.model.card_head import card_head
from fact.model.config_file import read_config

start_job(snakemake.log[0], snakemake.params.code)
config = read_config(Path(snakemake.input.config).parent)
assessment, estimate, test, audit, exports = (
    read_record(snakemake.input[name]) for name in ("assessment", "estimate", "test", "audit", "exports")
)
estimate = with_audit(estimate, audit)
name = f"{snakemake.wildcards.dataset} · {snakemake.wildcards.backbone}"
text = card(config, assessment, estimate, test=test, exports=exports, name=name)
for output, library in (("timm_card", "timm"), ("card", "fact-workflow")):
    head = card_head(config, estimate, test, name=name, library=library)
    publish_text(snakemake.output[output], f"{head}\n{text}")

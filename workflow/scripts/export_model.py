"""The model for other runtimes, and its card."""

from pathlib import Path

from fact.infra.files.publish import publish_text
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.model.audit import with_audit
from fact.model.card import card, metadata
from fact.model.card_head import card_head
from fact.model.exports import export_all
from fact.model.folder import read_model

start_job(snakemake.log[0], snakemake.params.code)
folder = Path(snakemake.output.card).parent
model, config = read_model(folder)
assessment, estimate, test, audit = (
    read_record(snakemake.input[name]) for name in ("assessment", "estimate", "test", "audit")
)
estimate = with_audit(estimate, audit)
exports = export_all(folder, model, config, about=metadata(config, estimate))
name = f"{snakemake.wildcards.dataset} · {snakemake.wildcards.backbone}"
text = card(config, assessment, estimate, test=test, exports=exports, name=name)
for output, library in (("timm_card", "timm"), ("card", "fact-workflow")):
    head = card_head(config, estimate, test, name=name, library=library)
    publish_text(snakemake.output[output], f"{head}\n{text}")

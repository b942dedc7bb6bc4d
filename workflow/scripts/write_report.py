"""The report: one page with everything that the run has found."""

from fact.config.declared import Config
from fact.infra.files.publish import publish_text
from fact.infra.process.job import start_job
from fact.report.page.contents import report_page

start_job(snakemake.log[0], snakemake.params.code)
publish_text(snakemake.output.page, report_page(Config.from_plain(snakemake.params.settings)))

"""The report: one page with everything a run has found, to look at without a network."""

"""FACT: finetuning in active finetuning.

A pool of unlabelled images, a pretrained backbone and a labelling budget go in; a classifier and
an honest account of its accuracy come out. The package holds the science and never imports Snakemake.
Importing it is cheap: torch, timm and peft are imported by the modules that need them.
"""

__version__ = "0.1.0"

"""The augmentations, one file each; :mod:`fact.training.frofa.contract` says what a file holds."""

"""The files that each target asks for."""

import pytest
from fact.config.targets import model_files
from small_config import CONFIG, of, with_labels


def test_models_are_made_of_datasets_with_labels():
    folders = {path.rpartition("/")[0] for path in model_files(of(with_labels()))}
    assert folders == {"results/models/cifar10/vit", "results/models/cifar10/cnn"}


def test_no_labels_no_model():
    with pytest.raises(ValueError, match="none of the datasets digits, cifar10 has `labels`"):
        model_files(of(CONFIG))

"""Finding sources, and the contract that every one of them keeps."""

import inspect
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.data.contract import (
    build_index,
    image_reader,
    load_source,
    source_names,
)
from fact.data.manifest import MANIFEST_COLUMNS
from fact.data.sources import digits, image_folder


@pytest.mark.parametrize(
    "name", ["digits", "image_folder", "cifar10", "imagenet", "huggingface", "webdataset"]
)
def test_sources_are_found_by_name(name: str) -> None:
    assert name in source_names()
    assert load_source(name).__name__ == f"fact.data.sources.{name}"


@pytest.mark.parametrize("name", ["no_such", "manifest", "digits.x", "../digits", "", "sources"])
def test_other_names_list_the_available_ones(name: str) -> None:
    with pytest.raises(ValueError, match=r"no data source .*available: .*cifar10, .*digits, .*image_folder"):
        load_source(name)


def test_which_sources_download() -> None:
    downloaded = {name for name in source_names() if hasattr(load_source(name), "download")}
    assert downloaded == {"cifar10", "cifar100", "cifar10_lt", "cifar100_lt", "fgvc_aircraft"}


@pytest.mark.parametrize("name", source_names())
def test_signatures_keep_the_contract(name: str) -> None:
    source = load_source(name)
    for function, positional in (
        (source.index, ["root"]),
        (source.read_image, ["root", "locator", "sha256"]),
    ):
        parameters = list(inspect.signature(function).parameters.values())
        kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
        named = [parameter for parameter in parameters if parameter.kind not in kinds]
        assert [parameter.name for parameter in named] == positional
        options = [option for option in parameters[len(positional) :] if option.kind is kinds[0]]
        assert all(option.default is not option.empty for option in options)
        if any(parameter.kind is kinds[1] for parameter in parameters):
            assert fields(source.IndexOptions) and source.IndexOptions()
    assert source.__doc__ and source.index.__doc__ and source.read_image.__doc__


@pytest.mark.parametrize("name", ["digits", "image_folder"])
def test_index_and_reader_agree(name: str, labelled_root: Path) -> None:
    source = load_source(name)
    first, second = (build_index(source, labelled_root, {}, workers=workers) for workers in (1, 2))
    pd.testing.assert_frame_equal(first.rows, second.rows)
    assert tuple(first.rows.columns) == MANIFEST_COLUMNS
    read = image_reader(source, labelled_root, {})
    for row in first.rows.iloc[:5].itertuples():
        image = read(row.locator)
        assert image.dtype == np.uint8 and image.shape == (row.height, row.width, 3)


def test_options_are_checked_and_shared_out(labelled_root: Path) -> None:
    index = build_index(image_folder, labelled_root, {"pool_limit": 2, "exif": False}, workers=1)
    assert (index.rows["split"] == "pool").sum() == 2
    with pytest.raises(
        ValueError, match=r"image_folder has no option 'pol_limit'; its options are .*'pool_limit'"
    ):
        build_index(image_folder, labelled_root, {"pol_limit": 2}, workers=1)
    with pytest.raises(ValueError, match="digits has no option 'workers'"):
        build_index(digits, None, {"workers": 2}, workers=1)


@pytest.mark.parametrize("value", ["no", "false", 0, None])
def test_a_text_is_not_taken_for_true(tmp_path: Path, value: object) -> None:
    with pytest.raises(ValueError, match=r"exif: .* is not true or false; write it unquoted"):
        build_index(image_folder, tmp_path, {"exif": value}, 1)

from fact.config.cells import run_scores, table_scores
from fact.config.declared import Config
from fact.config.targets import distortion_cells, propagated_labels, report_files
from fact.config.used import used_config
from report_run import run_config

ROWS = {"run": {"rows": ["FF", "FACT", "LR-frozen, random"], "report": ["selection", "distortion"]}}


def test_only_what_is_run_is_kept_and_it_plans_the_same():
    config = run_config(ROWS)
    assert set(config.datasets) == {"digits"} and set(config.backbones) == {"vit_letters"}
    assert set(config.selectors) == {"activeft", "random"}
    assert set(config.recipes) == {"ff", "lp-ft"} and set(config.probes) == {"soft", "lr"}
    assert set(config.heads) == {"map"} and set(config.tables) == {"table1"}
    assert Config.from_plain(used_config(config)) == config
    assert run_scores(config) and table_scores(config, "table1")


def test_a_second_step_brings_what_it_stands_on():
    config = run_config({"run": {"selectors": ["badge"], "methods": ["ActiveDC"], "report": []}})
    assert {"badge", "activeft"} <= set(config.selectors) and set(config.calibrations) == {"activedc"}
    assert config.selectors["badge"]["probe"] in config.probes


def test_every_file_once_and_extras_only_where_they_are_asked_for():
    files = report_files(run_config(ROWS))
    assert {"selectors", "maps", "sheets", "distortion"} <= set(files)
    assert all(len(paths) == len(set(paths)) > 0 for paths in files.values())
    assert "propagated" not in files, "no row spreads labels over the pool"
    plain = report_files(run_config({"run": {"report": []}}))
    assert not {"selectors", "maps", "sheets", "distortion"} & set(plain)


def test_distortion_is_of_every_recipe_once():
    recipes = [cell["recipe"] for cell in distortion_cells(run_config(ROWS))]
    # two seeds, two budgets or one: each cell of ActiveFT has both recipes
    assert set(recipes) == {"ff", "lp-ft"} and recipes.count("ff") == recipes.count("lp-ft")


def test_spread_labels_are_of_the_first_seed_of_rows_that_spread_any():
    config = run_config({"run": {"methods": ["FACT", "FACT-pool"], "seeds": [3, 4]}})
    found = propagated_labels(config)
    assert found and {cell.seed for cell in found} == {3}
    assert all(path.endswith("/lp-ft/propagated/graph.parquet") for path in found.values())
    assert report_files(config)["propagated"] == list(found.values())

import pytest
from fact.config.paths import Cell
from fact.report.page.costs import costs_section, phase_costs


def timing(train: float, **more: float) -> dict:
    return {"seconds": {"train": train, **more}, "peak_memory_mb": {"cpu": 100.0}, "device": "an abacus"}


def cell(seed: int, budget: str = "20img") -> Cell:
    return Cell("digits", "vit", "random", budget, seed)


def test_scoring_is_apart_and_parts_of_training_count_once():
    record = timing(2.0, decode=1.0, evaluate=5.0, search=1.5, fit=0.5)
    row = phase_costs([(cell(0), "FACT", "head", record)]).iloc[0]
    assert (row["phase"], row["seconds"], row["scoring"], row["memory"]) == ("phase 3: head", 3.0, 5.0, 100.0)


def test_means_over_seeds_and_phases_in_the_legend_in_their_order():
    costs = phase_costs(
        (cell(seed), "LP-FT", stage, timing(seconds + seed))
        for seed in (0, 1)
        for stage, seconds in (("tune", 100), ("select", 1), ("probe", 2))
    )
    assert costs.set_index("phase")["seconds"].to_dict() == {
        "phase 2: tuning": 100.5, "selection": 1.5, "phase 1: probe": 2.5,
    }  # fmt: skip
    figures, table = costs_section(costs).parts
    assert [entry.name for entry in figures.legend] == ["selection", "phase 1: probe", "phase 2: tuning"]
    assert len(table.rows) == 3 and table.rows[0][-4:] == ["1.7 min", "0 s", "100 MiB", ""]
    assert ">1.7 min<" in figures.figures[0].svg and ">minutes<" in figures.figures[0].svg


def test_figures_are_of_the_last_budget_and_the_table_of_all():
    costs = phase_costs((cell(0, budget), "LP", "probe", timing(1.0)) for budget in ("20img", "50img"))
    figures, table = costs_section(costs).parts
    assert [figure.caption for figure in figures.figures] == ["digits · vit · random · 50img"]
    assert len(table.rows) == 2


def test_no_timings_no_charts():
    assert costs_section(phase_costs([])).parts == ()
    with pytest.raises(KeyError):
        phase_costs([(cell(0), "LP", "dreaming", timing(1.0))])

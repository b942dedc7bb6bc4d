import pytest
from fact.report.page.gains import gain_steps, gains_section
from fact.report.page.looks import looks_of
from table_scores import frame, score


def scores(seeds: int = 1, **tops: float):
    named = ((method.replace("_", "-"), top) for method, top in tops.items())
    return frame(
        *(
            score(top + 0.01 * seed, method=method, seed=seed)
            for method, top in named
            for seed in range(seeds)
        )
    )


def test_steps_build_on_each_other_and_full_finetuning_is_the_reference():
    found = gain_steps(scores(FF=0.5, LR_frozen=0.7, LP_FT=0.65, FACT=0.8, FACT_pool=0.9))
    assert list(found["method"]) == ["LR-frozen", "LP-FT", "FACT", "FACT-pool"]
    assert list(found["value"]) == pytest.approx([70, 65, 80, 90])
    assert list(found["gain"])[1:] == pytest.approx([-5, 15, 10]) and set(found["reference"]) == {50}


def test_gains_add_up_to_the_last_accuracy():
    found = gain_steps(scores(LR_frozen=0.42, LP_LoRA=0.5, L3FACT=0.77))
    assert found["value"].iloc[0] + found["gain"].sum() == pytest.approx(77) == found["value"].iloc[-1]
    assert list(found["chain"]) == ["L3FACT"] * 3


def test_intervals_are_of_the_same_seeds_and_need_three():
    assert gain_steps(scores(seeds=2, LR_frozen=0.5, LP_FT=0.6))["low"].isna().all()
    found = gain_steps(scores(seeds=3, LR_frozen=0.5, LP_FT=0.6)).iloc[-1]
    # every seed gains the same
    assert found["low"] == pytest.approx(10) == found["high"]


def test_the_figure_shows_gains_and_the_line_of_full_finetuning():
    found = scores(seeds=3, FF=0.5, LR_frozen=0.7, LP_FT=0.75)
    (part,) = gains_section(found, looks_of(found)).parts
    drawn = str(part.figures[0].svg)
    assert ">+5.0<" in drawn and ">FF 51.0<" in drawn and ">71.0<" in drawn
    assert part.figures[0].keys == {"dataset": "digits", "backbone": "vit", "selector": "activeft"}


def test_a_chain_of_one_method_is_none():
    assert gain_steps(scores(FF=0.5)).empty
    alone = scores(LR_frozen=0.5)
    section = gains_section(alone, looks_of(alone))
    assert not section.parts and "No setting" in section.missing

import pytest
from fact.report.page.gains import gain_steps, gains_section
from table_scores import frame, score


def steps(**tops: float):
    return gain_steps(frame(*(score(top, method=method.replace("_", "-")) for method, top in tops.items())))


def test_steps_begin_where_the_one_before_ended():
    found = steps(FF=0.5, LP=0.7, LP_FT=0.65, FACT=0.8).query("chain == 'FACT'")
    assert list(found["method"]) == ["FF", "LP", "LP-FT", "FACT"]
    assert list(found["gain"]) == pytest.approx([50, 20, -5, 15])
    assert list(found["start"]) == pytest.approx([0, 50, 70, 65])
    assert list(found["end"]) == pytest.approx([50, 70, 65, 80])
    assert list(found["kind"]) == ["start", "gain", "loss", "gain"]


def test_gains_add_up_to_the_last_accuracy():
    found = steps(FF=0.31, LP=0.42, LP_LoRA=0.5, L3FACT=0.77).query("chain == 'L3FACT'")
    assert found["gain"].sum() == pytest.approx(77) == found["end"].iloc[-1]


def test_a_chain_of_one_method_is_none():
    assert steps(FF=0.5).empty
    section = gains_section(frame(score(0.5, method="LR-frozen")))
    assert not section.parts and "No setting" in section.missing

import pytest
from fact.report.drawing.scale import Scale, from_zero, round_step, spread_scale


def test_values_become_pixels_either_way_round():
    assert Scale(0, 10, 0, 100)(2.5) == 25 and Scale(0, 10, 100, 0)(2.5) == 75
    assert Scale(3, 3, 0, 100)(3) == 50


def test_ticks_are_round_and_inside():
    scale = Scale(81.2, 93.7, 0, 100)
    assert scale.ticks() == [85, 90] and [scale.tick_text(tick) for tick in scale.ticks()] == ["85", "90"]
    assert Scale(-0.2, 0.2, 0, 1).tick_text(-0.1) == "−0.1"


@pytest.mark.parametrize(
    ("span", "step"), [(0.3, 0.5), (1, 1), (1.1, 2), (60, 100), (0, 1), (float("nan"), 1)]
)
def test_steps_are_one_two_or_five(span: float, step: float):
    assert round_step(span) == pytest.approx(step)


def test_scales_hold_all_values_and_survive_none_or_one():
    scale = spread_scale([1.0, float("nan"), 5.0], (0, 100))
    assert scale.low < 1 and scale.high > 5
    for values in ([], [7.0], [float("nan")], [0.0, 0.0]):
        alone = spread_scale(values, (0, 100))
        assert alone.low < alone.high and alone.ticks()
        assert from_zero(values, (0, 100)).high > 0

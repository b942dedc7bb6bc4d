"""The whole page of a made-up run, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, browser, drawn
from fact.report.page.contents import report_page
from fact.report.page.page import charts_library
from report_run import run_config, write_run

HOSTILE = "</script><img src=x onerror=\"document.title='hit'\">"
OVERLAY = {
    "run": {
        "datasets": ["digits", "cifar10"],
        "rows": ["FF", "LP", "LP-FT", "FACT w/o FroFA", "FACT", "LR-frozen", "FACT, random", HOSTILE],
        "seeds": [0, 1],
        "report": ["selection", "distortion"],
        "tables": ["table1", "table7"],
    },
    "datasets": {
        "digits": {"budgets": ["20img", "50img"]},
        "cifar10": {"backbones": ["vit_small_dino", "vil2_small"]},
    },
    "methods": {HOSTILE: {"recipe": "lp-lora"}},
    "rows": {HOSTILE: {"selector": "activeft", "method": HOSTILE}},
    "tables": {"table1": {"title": f"Accuracy {HOSTILE}"}},
}
CLASSES = ["one", f"<b>two</b>{HOSTILE}", "{{ 7 * 7 }}", "four"]
PLACES = ("over-budget", "gains", "measures", "pool", "curves", "confusions", "distortion", "costs")
CHARTS = {f"{kind}-{number}" for kind in PLACES for number in range(3)} | {"against-the-paper", "backbones-0"}
# of the dataset with masks
CHARTS |= {"measures-3", "pool-3", "costs-3"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        config = run_config(OVERLAY)
        write_run(config, CLASSES)
        text = report_page(config)
        assert report_page(config) == text, "the same files give the same bytes"
    path = folder / "results/report/index.html"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def opened(page: Path) -> Iterator[Page]:
    with drawn(page) as opened:
        yield opened


def test_nothing_in_the_text_ends_a_script_or_begins_an_element(page: Path):
    text = page.read_text("utf-8").replace(charts_library(), "")
    # one picture, of segmentations
    assert text.count("<img") == 1 and "<b>" not in text and 'onerror="' not in text
    assert text.count("</script>") == text.count("<script") == len(CHARTS) + 2
    assert "{{ 7 * 7 }}" in text and 'http-equiv="Content-Security-Policy"' in text


def test_every_chart_is_drawn_without_complaint_or_request(opened: Page, page: Path):
    assert opened.draw_all() == dict.fromkeys(CHARTS, "drawn")
    assert opened.run(
        "return [...document.querySelectorAll('.chart')].every(c => c.querySelector('svg path'))"
    )
    assert opened.complaints() == []
    assert opened.requests() == [page.resolve().as_uri()]


def test_hostile_names_are_shown_and_do_nothing(opened: Page):
    assert opened.run("return document.title") == "FACT: report"
    assert opened.run("return document.querySelectorAll('img').length") == 1, "the segmentations alone"
    assert HOSTILE in opened.run("return document.querySelector('#tables').textContent")
    texts = (
        "return [...document.querySelectorAll('#over-budget-0 svg text')].map(t => t.textContent).join(' ')"
    )
    assert "</script><img" in opened.run(texts)


@pytest.mark.parametrize("option", ["random", "LP-FT"])
def test_a_choice_by_keyboard_changes_what_is_drawn(opened: Page, option: str):
    shown = "return document.querySelector('#over-budget-0 svg').outerHTML"
    before = opened.run(shown)
    lists = opened.driver.find_elements("css selector", "#over-budget-0 select")
    [chosen] = [found for found in lists if option in found.text.split()]
    chosen.send_keys(option)
    opened.wait(f"{shown} !== arguments[0]", before)
    faded = opened.run("return document.querySelectorAll('#over-budget-0 svg path[opacity=\"0.1\"]').length")
    assert (faded > 0) == (option == "LP-FT")


def test_a_heading_sorts_by_numbers_both_ways_from_the_keyboard(opened: Page):
    from selenium.webdriver.common.keys import Keys

    column = 3
    cells = (
        "return [...document.querySelector('#tables table').tBodies[0].rows]"
        f".map(row => parseFloat(row.cells[{column}].textContent)).filter(number => !isNaN(number))"
    )
    heading = opened.driver.find_elements("css selector", "#tables th button")[column]
    for key, order in ((Keys.ENTER, "ascending"), (Keys.SPACE, "descending")):
        heading.send_keys(key)
        numbers = opened.run(cells)
        assert numbers == sorted(numbers, reverse=order == "descending") and len(set(numbers)) > 3
        states = "return [...document.querySelectorAll('#tables th')].map(h => h.ariaSort).filter(Boolean)"
        assert opened.run(states) == [order]


def test_the_first_tab_leads_past_the_navigation(page: Path):
    from selenium.webdriver.common.keys import Keys

    with browser() as driver:
        fresh = Page(driver, page)
        driver.find_element("css selector", "body").send_keys(Keys.TAB)
        assert fresh.run("return document.activeElement.className") == "skip"
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        fresh.wait("return location.hash === '#content'")


def test_dark_and_narrow(page: Path):
    with drawn(page, dark=True, width=390) as phone:
        assert set(phone.draw_all().values()) == {"drawn"}
        assert phone.run("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
        label = "return getComputedStyle(document.querySelector('#over-budget-0 .role-axis-label text')).fill"
        assert phone.run(label) == "rgb(228, 231, 234)"
        assert phone.run("return document.documentElement.scrollWidth") <= 390
        assert phone.complaints() == []

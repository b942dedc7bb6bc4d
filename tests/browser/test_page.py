"""The whole page of a made-up run, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, browser
from fact.report.page.contents import report_page
from report_run import run_config, write_run

HOSTILE = "</script><img src=x onerror=\"document.title='hit'\">"
OVERLAY = {
    "run": {
        "datasets": ["digits", "cifar10"],
        "rows": ["FF", "LP", "LP-FT", "FACT w/o FroFA", "FACT", "LR-frozen", "FACT, random", HOSTILE],
        "seeds": [0, 1, 2],
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
CLASSES = ["one", f"<b>two</b>{HOSTILE}", "{{ 7 * 7 }}", "四"]
SECTIONS = [
    "tables", "over-budget", "gains", "backbones", "confusions", "segmentations", "selectors", "curves",
    "distortion", "costs", "scores", "provenance",
]  # fmt: skip
# text against what is behind it, as WCAG 2.2 measures it: 4.5, and 3 for large text
CONTRAST = """
const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const weights = [0.2126, 0.7152, 0.0722];
const light = (rgb) => rgb.reduce((sum, v, place) => sum + linear(v / 255) * weights[place], 0.05);
const rgba = (text) => text.match(/[\\d.]+/g).map(Number);
const look = (node) => getComputedStyle(node);
function ground(node) {
  for (let at = node; at; at = at.parentElement) {
    const colour = rgba(look(at).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
}
function ratio(node) {
  const drawn = node.tagName === "text";
  const cell = node.closest(".cell")?.querySelector("rect");
  const behind = drawn && cell ? rgba(look(cell).fill) : ground(node.closest("svg") ?? node);
  const text = rgba(drawn ? look(node).fill : look(node).color);
  const [one, other] = [text, behind].map((colour) => light(colour.slice(0, 3)));
  return Math.max(one, other) / Math.min(one, other);
}
const isText = (child) => child.nodeType === 3 && child.textContent.trim();
const hasText = (node) => [...node.childNodes].some(isText);
const nodes = [...document.querySelectorAll("body *:not(script, style, title)")].filter(hasText);
const failures = nodes.filter((node) => !node.closest("[hidden], dialog"))
  .filter((node) => ratio(node) < (parseFloat(look(node).fontSize) >= 24 ? 3 : 4.5));
return JSON.stringify(failures.slice(0, 5).map((node) => [node.outerHTML.slice(0, 90), ratio(node)]));
"""
SHIFTS = """
const done = arguments[0];
let total = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { total += entry.value; }))
  .observe({ type: "layout-shift", buffered: true });
requestAnimationFrame(() => requestAnimationFrame(() => done(total)));
"""
UNFOLD = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"


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
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def driver() -> Iterator:
    with browser(width=1280) as driver:
        yield driver


@pytest.fixture
def opened(driver, page: Path) -> Page:
    # an address of its own, so that the page is read again
    driver.get("about:blank")
    return ready(driver, page)


def ready(driver, page: Path, state: str = "") -> Page:
    return Page(driver, page, state).settle()


def shown(page: Page, selector: str) -> int:
    """How many elements are neither hidden nor inside something hidden."""
    script = "return [...document.querySelectorAll(arguments[0])].filter(n => !n.closest('[hidden]')).length"
    return page.run(script, selector)


def test_nothing_in_the_text_ends_a_script_or_begins_an_element(page: Path):
    text = page.read_text("utf-8")
    # one picture, of segmentations
    assert text.count("<img") == 1 and "<b>" not in text and 'onerror="' not in text
    assert text.count("</script>") == text.count("<script") == 2
    assert "{{ 7 * 7 }}" in text and 'http-equiv="Content-Security-Policy"' in text
    assert "style=" not in text.replace("color-scheme", ""), "the policy would refuse it"


def test_sections_with_something_to_show_are_there_without_complaint_or_request(opened: Page, page: Path):
    assert opened.run("return [...document.querySelectorAll('main > section')].map(s => s.id)") == SECTIONS
    assert opened.run("return document.querySelectorAll('.plot svg').length") > 40
    assert opened.complaints() == []
    assert set(opened.requests()) <= {page.resolve().as_uri(), "about:blank"}


def test_hostile_names_are_shown_and_do_nothing(opened: Page):
    assert opened.run("return document.title") == "FACT: report"
    assert opened.run("return document.querySelectorAll('img').length") == 1, "the segmentations alone"
    assert HOSTILE in opened.run("return document.querySelector('#tables').textContent")
    texts = "return [...document.querySelectorAll('#table1-0 svg text')].map(t => t.textContent).join(' ')"
    script = (
        "return [...document.querySelectorAll('#tables .plot svg text')].map(t => t.textContent).join(' ')"
    )
    assert texts and "</script><img" in opened.run(script)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_answer_and_the_first_figure_are_seen_without_scrolling(page: Path, width: int, height: int):
    with browser(width=width) as driver:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        fresh = ready(driver, page)
        below = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom"
        assert fresh.run(below, ".answer") < height
        assert fresh.run(below.replace("bottom", "top"), ".plot svg") < height
        assert fresh.run("return document.documentElement.scrollWidth") <= width
        assert driver.execute_async_script(SHIFTS) == 0
        paint = "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
        assert fresh.run(paint) < 1000
        assert fresh.complaints() == []


def test_the_filter_narrows_figures_tables_and_scores_and_stands_in_the_address(opened: Page):
    every, plots = shown(opened, "#scores tbody tr"), shown(opened, ".plot")
    lists = opened.driver.find_element("css selector", "#filter select[name=dataset]")
    lists.send_keys("digits")
    opened.wait("return location.hash.includes('dataset=digits')")
    assert 0 < shown(opened, "#scores tbody tr") < every and 0 < shown(opened, ".plot") < plots
    names = "return [...document.querySelectorAll('#tables th[data-dataset]')].filter(h => !h.hidden)"
    assert set(opened.run(f"{names}.map(h => h.dataset.dataset)")) == {"digits"}
    assert shown(opened, "#backbones .nothing") and not shown(opened, "#gains .nothing")
    opened.driver.find_element("css selector", "#filter button").click()
    opened.wait("return !location.hash.includes('dataset')")
    assert shown(opened, ".plot") == plots and shown(opened, "#scores tbody tr") == every


def test_an_address_opens_the_page_as_it_was_filtered(driver, page: Path):
    driver.get("about:blank")
    opened = ready(driver, page, "#confusions&dataset=cifar10&method=FACT")
    values = "return ['dataset', 'method'].map(name => document.querySelector(`select[name=${name}]`).value)"
    assert opened.run(values) == ["cifar10", "FACT"]
    assert set(opened.run("return [...document.querySelectorAll('#confusions .plot')].filter(f => !f.hidden)"
                          ".map(f => f.dataset.method)")) == {"FACT"}  # fmt: skip
    assert opened.run("return document.querySelector('#confusions').getBoundingClientRect().top") < 400
    assert opened.run("return document.querySelectorAll('#table1-0 svg .off').length") > 0
    link = opened.driver.find_element("css selector", "nav a[href='#gains']")
    link.click()
    opened.wait("return location.hash === '#gains&dataset=cifar10&method=FACT'")


def test_a_foreign_address_hides_nothing(driver, page: Path):
    driver.get("about:blank")
    opened = ready(driver, page, "#nowhere&dataset=unknown&x=<b>")
    assert shown(opened, ".plot") == opened.run("return document.querySelectorAll('.plot').length")
    assert opened.complaints() == []


def test_a_heading_sorts_by_numbers_both_ways_from_the_keyboard(opened: Page):
    from selenium.webdriver.common.keys import Keys

    column = 3
    opened.run(UNFOLD)
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


def test_a_number_of_a_table_leads_to_the_files_behind_it(opened: Page, page: Path):
    from selenium.webdriver.common.keys import Keys

    opened.run(UNFOLD)
    cell = opened.driver.find_element("css selector", "#tables td[tabindex]")
    cell.send_keys(Keys.ENTER)
    opened.wait("return document.querySelector('#behind').open")
    links = opened.run("return [...document.querySelectorAll('#behind a')].map(a => a.href)")
    assert len(links) == 3 and len(set(links)) == 3
    for link in links:
        # a browser writes what the page's address leaves as it is
        from urllib.parse import unquote

        assert Path(unquote(link.removeprefix("file://"))).is_file()
    opened.driver.find_element("css selector", "#behind button").click()
    opened.wait("return !document.querySelector('#behind').open")


def test_images_behind_a_cell_and_beside_a_pick_by_keyboard(opened: Page):
    from selenium.webdriver.common.keys import Keys

    opened.run(
        "document.querySelectorAll('main > section').forEach(s => { s.style.contentVisibility = 'visible'; })"
    )
    opened.run("document.querySelector('svg .cell[data-images]').focus()")
    opened.driver.switch_to.active_element.send_keys(Keys.ENTER)
    opened.wait("return document.querySelector('#behind').open")
    assert opened.run(
        "return [...document.querySelectorAll('#behind img')].every(i => i.alt.startsWith('test'))"
    )
    opened.driver.find_element("css selector", "#behind button").send_keys(Keys.ENTER)
    opened.run("document.querySelector('svg .pick[data-image]').focus()")
    opened.wait("return !document.querySelector('#near').hidden")
    assert "image <b>" in opened.run("return document.querySelector('#near').textContent")
    opened.run("document.querySelector('details.sheet').open = true")
    opened.wait("return document.querySelectorAll('details.sheet img').length > 0")


def test_figures_and_tables_can_be_saved(opened: Page):
    opened.run(UNFOLD)
    # what a click would save is read instead
    opened.run(
        "window.saved = {}; URL.createObjectURL = (blob) => { window.blob = blob; return 'blob:none'; };"
        "HTMLAnchorElement.prototype.click = function () {"
        " const name = this.download, blob = window.blob;"
        " blob.text().then((text) => { window.saved[name] = [blob.type, text]; }); }"
    )
    for kind in ("svg", "png", "csv", "tex"):
        opened.run(f"document.querySelector('[data-get={kind}]').click()")
        opened.wait(f"return Object.keys(window.saved).some(name => name.endsWith('.{kind}'))")
    saved = {name.rsplit(".", 1)[-1]: content for name, content in opened.run("return window.saved").items()}
    assert (
        saved["svg"][1].startswith("<svg")
        and "var(" not in saved["svg"][1]
        and "class=" not in saved["svg"][1]
    )
    assert saved["png"][0] == "image/png" and "PNG" in saved["png"][1][:8]
    assert saved["csv"][1].splitlines()[0].startswith("row,selector,method") and "±" in saved["csv"][1]
    assert "\\toprule" in saved["tex"][1] and "$\\pm$" in saved["tex"][1]


def test_the_first_tab_leads_past_the_navigation(driver, page: Path):
    from selenium.webdriver.common.keys import Keys

    driver.get("about:blank")
    fresh = ready(driver, page)
    driver.find_element("css selector", "body").send_keys(Keys.TAB)
    assert fresh.run("return document.activeElement.className") == "skip"
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    fresh.wait("return location.hash === '#content'")


def test_every_control_has_a_name_and_can_be_reached(opened: Page):
    bare = (
        "return [...document.querySelectorAll('button, select, a, [tabindex=\"0\"], summary')]"
        ".filter(n => !n.closest('[hidden], dialog') && (n.tabIndex < 0 ||"
        " !(n.getAttribute('aria-label') || n.textContent.trim()))).map(n => n.outerHTML.slice(0, 80))"
    )
    assert opened.run(bare) == []


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_what_is_behind_it(page: Path, dark: bool):
    with browser(dark=dark, width=1280) as driver:
        fresh = ready(driver, page)
        ground = "rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)"
        assert fresh.run("return getComputedStyle(document.body).backgroundColor") == ground
        fresh.run(UNFOLD)
        assert json.loads(fresh.run(CONTRAST)) == []


def test_a_print_unfolds_the_tables_and_hides_controls(opened: Page):
    opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert opened.run("return document.querySelectorAll('#tables details.table[open]').length") > 1
    hidden = "return getComputedStyle(document.querySelector(arguments[0])).display"
    assert [opened.run(hidden, name) for name in ("#filter", "nav", ".get")] == ["none"] * 3
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [dark]})
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert opened.run(ground) == "rgb(255, 255, 255)", "a print is on white, whatever the screen"
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert opened.run("return document.querySelectorAll('details[open]').length") == 0
    opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

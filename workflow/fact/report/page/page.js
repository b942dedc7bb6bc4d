"use strict";

// numbers by value, texts by the alphabet, cells without a value last
function order(one, other, direction) {
  const [first, second] = [one, other].map((text) => text.replace("−", "-").match(/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?/));
  if (first && second) return direction * (Number(first[0]) - Number(second[0]));
  const empty = (text) => text === "" || text === "–" || text === "n/a";
  if (empty(one) !== empty(other)) return empty(one) ? 1 : -1;
  return direction * one.localeCompare(other, "en", { numeric: true });
}

function sort(table, column, heading) {
  const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  const rows = [...table.tBodies[0].rows];
  const text = (row) => row.cells[column].textContent.trim();
  rows.sort((one, other) => order(text(one), text(other), direction));
  for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  table.tBodies[0].append(...rows);
}

for (const table of document.querySelectorAll("table")) {
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    heading.firstElementChild.addEventListener("click", () => sort(table, column, heading));
  });
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const [ink, line] = ["--ink", "--line"].map((name) => style.getPropertyValue(name).trim());
  const guide = { labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink, gridColor: line };
  const texts = { labelColor: ink, titleColor: ink };
  return {
    background: null, view: { stroke: line }, axis: guide, legend: texts, header: texts,
    title: { color: ink }, text: { color: ink }, rule: { color: ink },
  };
}

// the interpreter of expressions, for the page's policy forbids to compile them
async function draw(chart) {
  const spec = JSON.parse(document.getElementById(chart.dataset.spec).textContent);
  chart.dataset.state = "drawing";
  try {
    const options = {
      ast: true, renderer: "svg", actions: false, defaultStyle: false,
      tooltip: { disableDefaultStyle: true }, config: colours(),
    };
    await vegaEmbed(chart, spec, options);
    chart.dataset.state = "drawn";
  } catch (problem) {
    chart.dataset.state = "failed";
    chart.textContent = "This chart could not be drawn.";
    console.error(chart.id, problem);
  }
}

const charts = [...document.querySelectorAll(".chart")];
const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) {
      near.unobserve(entry.target);
      draw(entry.target);
    }
  },
  { rootMargin: "400px" },
);
charts.forEach((chart) => near.observe(chart));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  charts.filter((chart) => chart.dataset.state).forEach(draw);
});
addEventListener("beforeprint", () => charts.filter((chart) => !chart.dataset.state).forEach(draw));
document.documentElement.dataset.ready = "true";

"use strict";

const FIELDS = ["dataset", "backbone", "selector", "method"];
const find = (selector, within = document) => [...within.querySelectorAll(selector)];
const keysOf = (node) => FIELDS.map((field) => node.dataset[field] ?? "");

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

addEventListener("click", (event) => {
  const heading = event.target.closest("thead th");
  if (heading) sort(heading.closest("table"), heading.cellIndex, heading);
});

// the filter: its state stands in the address, behind the name of a section
const filter = document.getElementById("filter");

function readAddress() {
  const parts = location.hash.slice(1).split("&");
  const section = parts[0].includes("=") ? "" : decodeURIComponent(parts.shift());
  return { section, chosen: Object.fromEntries(new URLSearchParams(parts.join("&"))) };
}

function chosen() {
  const values = filter ? Object.fromEntries(new FormData(filter)) : {};
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
}

function writeAddress(section) {
  const state = new URLSearchParams(chosen()).toString();
  history.replaceState(null, "", "#" + [section, state].filter(Boolean).join("&"));
}

function matches(values, wanted) {
  return Object.entries(wanted).every(([field, value]) => !values[field] || values[field] === value);
}

function showFigures(wanted) {
  const named = FIELDS.map((field) => `[data-${field}]`).join();
  for (const node of find(named)) {
    if (node.tagName === "TH") continue;
    const there = matches(node.dataset, wanted);
    if (node instanceof SVGElement) node.classList.toggle("off", !there);
    else node.hidden = !there;
  }
}

const plain = (cell) => cell.textContent.trim().replace(/ [†‡]/g, "");

function showTable(table, wanted) {
  const headings = [...table.tHead.rows[0].cells];
  const places = FIELDS.map((field) => [field, headings.findIndex((cell) => plain(cell) === field)]);
  const own = places.filter(([field, place]) => place >= 0 && wanted[field]);
  const columns = headings.map((heading) => matches(heading.dataset, wanted));
  const isCut = table.dataset.cut === "true" || columns.includes(false);
  headings.forEach((heading, column) => { heading.hidden = !columns[column]; });
  for (const row of table.tBodies[0].rows) {
    row.hidden = own.some(([field, place]) => plain(row.cells[place]) !== wanted[field]);
    if (isCut) [...row.cells].forEach((cell, column) => { cell.hidden = !columns[column]; });
  }
  table.dataset.cut = String(columns.includes(false));
}

function applyFilter() {
  const wanted = chosen();
  showFigures(wanted);
  for (const table of find("table")) showTable(table, wanted);
  for (const group of find(".figures, details.more")) {
    const figures = find(".plot", group);
    group.hidden = figures.length > 0 && figures.every((figure) => figure.hidden);
  }
  for (const section of find("main > section")) {
    const plots = find(".plot", section);
    const none = section.querySelector(":scope > .nothing");
    if (none) none.hidden = plots.length === 0 || plots.some((figure) => !figure.hidden);
  }
}

function fromAddress() {
  const { section, chosen: wanted } = readAddress();
  if (filter) for (const list of filter.elements) if (list.name) list.value = wanted[list.name] ?? "";
  if (filter) for (const list of filter.elements) if (list.name && list.selectedIndex < 0) list.value = "";
  applyFilter();
  const target = section && document.getElementById(section);
  if (target) target.scrollIntoView();
}

if (filter) {
  filter.addEventListener("change", () => { applyFilter(); writeAddress(readAddress().section); });
  filter.addEventListener("reset", () => setTimeout(() => { applyFilter(); writeAddress(readAddress().section); }));
  filter.addEventListener("submit", (event) => event.preventDefault());
}
addEventListener("hashchange", fromAddress);
for (const link of find("nav a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    writeAddress(link.hash.slice(1));
    document.getElementById(link.hash.slice(1)).scrollIntoView();
  });
}

// downloads
function save(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity",
  "fill-opacity", "opacity", "paint-order", "font-size", "font-family"];

// a copy that has the colours of the page without its style
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const nodes = find("*", svg);
  find("*", copy).forEach((node, index) => {
    const style = getComputedStyle(nodes[index]);
    if (!["g", "title", "svg"].includes(node.tagName)) {
      for (const name of PAINT) {
        const value = style.getPropertyValue(name);
        if (value && !["none", "auto"].includes(value) || name === "fill") node.setAttribute(name, value);
      }
    }
    for (const name of ["class", "tabindex"]) node.removeAttribute(name);
  });
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const paper = getComputedStyle(document.body).backgroundColor;
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: paper })) ground.setAttribute(name, value);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

async function savePng(name, svg) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(svg));
  await image.decode();
  const canvas = document.createElement("canvas");
  const [width, height] = ["width", "height"].map((side) => 3 * Number(svg.getAttribute(side)));
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  canvas.toBlob((blob) => save(name, blob));
}

const shownCells = (row) => [...row.cells].filter((cell) => !cell.hidden)
  .map((cell) => cell.querySelector("a")?.getAttribute("href") ?? cell.textContent.trim());
const shownRows = (table) => [...table.rows].filter((row) => !row.hidden).map(shownCells);

function csv(table) {
  // a spreadsheet would take a text that begins so for a formula
  const safe = (text) => (/^[=@\t\r]|^[+-](?!\d)/.test(text) ? `'${text}` : text);
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return shownRows(table).map((row) => row.map((text) => quoted(safe(text))).join(",") + "\n").join("");
}

const TEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "±": "$\\pm$", "–": "--",
  "−": "$-$", "†": "$\\dagger$", "‡": "$\\ddagger$", "<": "$<$", ">": "$>$", "|": "$|$" };
const escapeTex = (text) => text.replace(/[\\~^±–−†‡<>|&%$#_{}]/g, (sign) => TEX[sign] ?? "\\" + sign);

function latex(table) {
  const [head, ...rows] = shownRows(table).map((row) => row.map(escapeTex).join(" & ") + " \\\\");
  const columns = "l".repeat(shownCells(table.rows[0]).length);
  const caption = escapeTex(table.caption.textContent);
  return ["\\begin{table}", `\\caption{${caption}}`, `\\begin{tabular}{${columns}}`, "\\toprule", head, "\\midrule",
    ...rows, "\\bottomrule", "\\end{tabular}", "\\end{table}", ""].join("\n");
}

addEventListener("click", (event) => {
  const button = event.target.closest("[data-get]");
  if (!button) return;
  const kind = button.dataset.get;
  const plot = button.closest(".plot");
  if (plot) {
    const svg = plot.querySelector("svg");
    if (kind === "png") savePng(`${plot.id}.png`, svg);
    else save(`${plot.id}.svg`, new Blob([standalone(svg)], { type: "image/svg+xml" }));
  } else {
    const table = button.closest("details").querySelector("table");
    const name = table.caption.textContent.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60);
    save(`${name}.${kind}`, new Blob([kind === "csv" ? csv(table) : latex(table)], { type: "text/plain" }));
  }
});

// what is behind a number, or behind a cell of confusions
const behind = document.getElementById("behind");

function show(title, ...content) {
  document.getElementById("behind-title").textContent = title;
  document.getElementById("behind-content").replaceChildren(...content);
  behind.showModal();
}

function scoresBehind(cell) {
  const table = cell.closest("table");
  const headings = [...table.tHead.rows[0].cells];
  const wanted = { ...headings[cell.cellIndex].dataset };
  headings.forEach((heading, column) => {
    if ([...FIELDS, "budget"].includes(plain(heading))) wanted[plain(heading)] = plain(cell.parentNode.cells[column]);
  });
  const scores = document.querySelector("#scores table");
  const names = [...scores.tHead.rows[0].cells].map(plain);
  return [...scores.tBodies[0].rows].filter((row) =>
    Object.entries(wanted).every(([field, value]) => plain(row.cells[names.indexOf(field)]) === value));
}

function listScores(cell) {
  const list = document.createElement("ul");
  for (const row of scoresBehind(cell)) {
    const item = document.createElement("li");
    const link = row.querySelector("a").cloneNode(true);
    link.textContent = decodeURIComponent(link.getAttribute("href"));
    item.append(`seed ${plain(row.cells[5])}, ${plain(row.cells[6])} %: `, link);
    list.append(item);
  }
  show(`${cell.textContent}: ${list.children.length} scores`, list);
}

for (const table of find("table[data-scores]")) {
  for (const cell of find("td", table)) if (/\(\d+\)/.test(cell.textContent)) cell.tabIndex = 0;
}

const pictures = JSON.parse(document.getElementById("pictures").textContent);

function picture(number) {
  const [source, text] = pictures[number];
  const frame = document.createElement("figure");
  const image = document.createElement("img");
  image.src = source;
  image.alt = text;
  frame.append(image, text);
  return frame;
}

function openBehind(target) {
  const cell = target.closest("td[tabindex], svg .cell[tabindex], svg .pick[tabindex]");
  if (!cell) return false;
  if (cell.tagName === "TD") listScores(cell);
  else if (cell.dataset.images) {
    const images = document.createElement("div");
    images.className = "images";
    images.append(...cell.dataset.images.split(" ").map(picture));
    show(cell.getAttribute("aria-label"), images);
  } else showNear(cell);
  return true;
}

addEventListener("click", (event) => openBehind(event.target));
addEventListener("keydown", (event) => {
  if (["Enter", " "].includes(event.key) && !behind.open && openBehind(event.target)) event.preventDefault();
});

// the images of a selection, when they are asked for
for (const sheet of find("details.sheet")) {
  sheet.addEventListener("toggle", () => {
    const images = sheet.querySelector(".images");
    if (!images.childElementCount) images.append(...sheet.dataset.pictures.split(" ").map(picture));
  });
}

// the image of a pick, beside it
const near = document.getElementById("near");

function showNear(pick) {
  const place = pick.getBoundingClientRect();
  near.replaceChildren(picture(pick.dataset.image));
  near.hidden = false;
  const left = Math.min(place.right + 6, innerWidth - near.offsetWidth - 6);
  const top = Math.min(place.bottom + 6, innerHeight - near.offsetHeight - 6);
  near.style.left = `${Math.max(0, left)}px`;
  near.style.top = `${Math.max(0, top)}px`;
}

for (const begin of ["pointerover", "focusin"]) {
  addEventListener(begin, (event) => {
    const pick = event.target.closest?.("[data-image]");
    if (pick) showNear(pick);
    else near.hidden = true;
  });
}

// a name that no font of this machine has stands as its codes, rather than as boxes
const tester = Object.assign(document.createElement("canvas"), { width: 24, height: 24 }).getContext("2d", { willReadFrequently: true });

function inkOf(letter) {
  tester.clearRect(0, 0, 24, 24);
  tester.font = "16px system-ui, sans-serif";
  tester.fillText(letter, 2, 18);
  return tester.getImageData(0, 0, 24, 24).data.join();
}

function nameBoxes() {
  const nodes = find("svg text, figcaption span, .legend li, .answer, .finding h3");
  const letters = new Set(nodes.map((node) => node.textContent).join("").match(/[^\u0000-\u024f\u2010-\u22ff]/gu));
  const box = letters.size ? inkOf("\u{10fffd}") : "";
  const lacking = new Set([...letters].filter((letter) => inkOf(letter) === box));
  if (!lacking.size) return;
  const code = (letter) => (lacking.has(letter) ? `⟨${letter.codePointAt(0).toString(16).toUpperCase()}⟩` : letter);
  for (const node of nodes) {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) child.data = [...child.data].map(code).join("");
    }
  }
}

(window.requestIdleCallback ?? setTimeout)(nameBoxes);

// a print has the tables of the results, not every score
const unfolded = [];
addEventListener("beforeprint", () => {
  for (const part of find("#tables details.table:not([open])")) {
    part.open = true;
    unfolded.push(part);
  }
});
addEventListener("afterprint", () => unfolded.splice(0).forEach((part) => { part.open = false; }));

if (location.hash) fromAddress();
document.documentElement.dataset.ready = "true";

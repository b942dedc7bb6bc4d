"use strict";
/* The page of `fact label`: images, keys, and a queue of what was said that empties onto the disk. */

const $ = (id) => document.getElementById(id);
const CLASS_KEYS = "123456789abcdefghijklmnopqrstuvwxyz";
const SHOWN_CLASSES = 60, MATCHES = 12, AHEAD = 4, REMEMBERED = 50, LARGEST = 8, SOON_MS = 15;
const KINDS = { label: "", skip: "skipped", unsure: "unsure", unusable: "bad image" };
const embedded = $("data") ? JSON.parse($("data").textContent) : null;

const page = {
  images: [], classes: [], me: "", at: -1, visited: [], filter: "todo", view: "one", undo: [],
  marks: [], suggestions: {}, again: [], alike: [], order: [], agreed: [], ready: new Map(), zoom: { scale: 1, x: 0, y: 0 },
  selected: new Set(), tiles: [], here: 0, first: 0, anchor: 0, outline: false, blocked: "", masks: false,
};

// ---- what was said ----------------------------------------------------------------------------

const mine = (image) => page.marks[image].get(page.me);
const others = (image) => [...page.marks[image]].filter(([name]) => name !== page.me).map(([, mark]) => mark);
const isDone = (image) => Boolean(mine(image)) || others(image).some((mark) => mark.kind === "label");

function remember(image, annotator, kind, choice) {
  if (kind === "clear") page.marks[image].delete(annotator);
  else page.marks[image].set(annotator, { kind, choice });
}

function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function say(image, kind, choice = "") {
  const suggested = shownSuggestion(image);
  const mark = { event: newName(), image: page.images[image].key, annotator: page.me, kind, choice, suggested };
  if (kind === "label") countAgreement(image, choice);
  remember(image, page.me, kind, choice);
  if (choice && !page.classes.includes(choice)) { page.classes.push(choice); drawClasses(); }
  store.put(mark);
}

function decide(images, kind, choice = "", pressed = performance.now()) {
  if (page.blocked || !images.length) return;
  if (!page.me) { alertUser("Write your name at “You” first."); $("annotator").focus(); return; }
  page.undo.push(images.map((image) => ({ image, before: mine(image) })));
  const agreed = page.agreed.length;
  images.forEach((image) => say(image, kind, choice));
  page.undo.at(-1).counted = Math.max(0, page.agreed.length - agreed);
  const name = choice || KINDS[kind];
  if (page.view === "grid") { afterGrid(images.length, name); return; }
  const told = afterChoice(images[0], kind, choice);
  goNext(pressed);
  $("told").textContent = told;
  live(`${name}. ${placeText()}`);
}

function undo() {
  const last = page.undo.pop();
  if (!last) { live("Nothing to undo."); return; }
  for (const { image, before } of last) say(image, before ? before.kind : "clear", before ? before.choice : "");
  if (last.counted) page.agreed.splice(-last.counted);
  drawAgreement();
  if (page.view === "grid") drawGrid(); else show(last[0].image);
  live(`Undone. ${placeText()}`);
  drawCounts();
}

// ---- where it is kept --------------------------------------------------------------------------

function serverStore() {
  const queue = [];
  let sending = false, wait = 500, most = 100, place = "";
  const keep = () => {
    try { localStorage.setItem(place, JSON.stringify(queue)); } catch { /* the queue is still in memory */ }
  };
  let settle = () => {}, settled = Promise.resolve();
  async function flush() {
    if (sending || !queue.length || page.blocked) return;
    sending = true;
    const part = queue.slice(0, most);
    try {
      const answer = await fetch("marks", post(part));
      if (answer.ok) {
        queue.splice(0, part.length);
        for (const mark of part) if (mark.at) performance.measure("key to saved", { start: mark.at, end: performance.now() });
        [wait, most] = [500, 100];
        keep();
        saved(queue.length);
        settle();
      } else if (answer.status >= 500) {
        block(`Labels can no longer be written: ${await answer.text()}. What was said to be saved is saved. `
          + `${queue.length} wait on this page.`);
      } else if (answer.status === 422 && part.length > 1) {
        most = 1;
      } else if (answer.status === 422) {
        alertUser(`A label was refused: ${await answer.text()}`);
        queue.splice(0, 1);
        keep();
        saved(queue.length);
      } else {
        block(`${await answer.text()} ${queue.length} labels wait in this browser.`);
      }
    } catch {
      saved(queue.length, true);
      setTimeout(() => { sending = false; flush(); }, wait);
      wait = Math.min(wait * 2, 8000);
      return;
    }
    sending = false;
    if (queue.length) flush();
  }
  return {
    kind: "server",
    open(title) {
      place = `fact-label ${location.host} ${title}`;
      try { queue.push(...JSON.parse(localStorage.getItem(place) || "[]")); } catch { /* nothing was kept */ }
      for (const mark of queue) {
        const image = page.images.findIndex((one) => one.key === mark.image);
        if (image >= 0) remember(image, mark.annotator, mark.kind, mark.choice);
      }
      saved(queue.length);
      flush();
    },
    put(mark) {
      Object.defineProperty(mark, "at", { value: performance.now() });
      queue.push(mark);
      settled = new Promise((done) => { settle = done; });
      saved(queue.length);
      flush();
      keep();
    },
    retry() { flush(); },
    settled: () => settled,
    waiting: () => queue.length,
  };
}

function fileStore() {
  const place = `fact-label ${embedded.id}`;
  let kept = {};
  return {
    kind: "file",
    open() {
      try { kept = JSON.parse(localStorage.getItem(place) || "{}"); } catch { kept = {}; }
      page.images.forEach((image, number) => {
        const mark = kept[image.key];
        if (mark) remember(number, page.me, mark.kind, mark.choice);
        if (mark && mark.choice && !page.classes.includes(mark.choice)) page.classes.push(mark.choice);
      });
      saved(0);
    },
    put(mark) {
      if (mark.kind === "clear") delete kept[mark.image];
      else kept[mark.image] = { kind: mark.kind, choice: mark.choice, time: new Date().toISOString() };
      try { localStorage.setItem(place, JSON.stringify(kept)); saved(0); } catch {
        saved(1, true);
        alertUser("This browser keeps nothing for this page. Save labels.csv before you close it.");
      }
    },
    retry() {},
    settled: () => Promise.resolve(),
    waiting: () => 0,
    table() {
      const rows = embedded.images.filter((image) => kept[image.key]).map((image) => {
        const mark = kept[image.key];
        return [image.sample_id, image.path, mark.choice, page.me, mark.time, KINDS[mark.kind]];
      });
      return [["sample_id", "path", "label", "annotator", "updated_at", "note"], ...rows];
    },
  };
}

const store = embedded ? fileStore() : serverStore();
const post = (body) => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

function saved(waiting, lost = false) {
  const element = $("saved");
  element.dataset.state = lost ? "lost" : waiting ? "waiting" : "saved";
  element.textContent = lost ? `not saved: ${waiting} wait here, trying again` : waiting ? `saving ${waiting}` : "saved";
}

function alertUser(text) { $("alert").hidden = !text; $("alert").textContent = text; }

function block(text) {
  page.blocked = text;
  alertUser(text);
  const again = document.createElement("button");
  again.textContent = "Try again";
  again.addEventListener("click", () => { page.blocked = ""; alertUser(""); store.retry(); });
  $("alert").append(" ", again);
}

// a spreadsheet would run these as formulas; the same signs as fact/infra/files/spreadsheet.py
function cell(text) {
  const signs = "=+\\-@＝＋－＠";
  const guarded = text.replace(new RegExp(`^(?='*[${signs}\\t\\r\\n])|(?<=[;,\\t\\r\\n"])(?='*[${signs}])`, "g"), "'");
  return `"${guarded.replaceAll('"', '""')}"`;
}

function download() {
  const text = "\ufeff" + store.table().map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = embedded.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  live(`${store.table().length - 1} rows saved as ${embedded.file}.`);
}

// ---- one image ---------------------------------------------------------------------------------

const address = (image, side) => page.images[image][side] || `image/${page.images[image].key}/${side}?v=${page.images[image].version}`;

function ready(image) {
  if (!page.ready.has(image)) {
    const element = new Image();
    element.draggable = false;
    element.alt = page.images[image].path;
    element.src = address(image, "whole");
    const entry = { element, decoded: element.decode().catch(() => { entry.gone = true; }) };
    // small images are enlarged as far as helps to recognise what is in them
    entry.decoded.then(() => {
      element.style.maxWidth = `${LARGEST * element.naturalWidth}px`;
      element.style.maxHeight = `${LARGEST * element.naturalHeight}px`;
    });
    page.ready.set(image, entry);
  }
  return page.ready.get(image);
}

function prepare() {
  const wanted = [page.at];
  for (let next = page.at, count = 0; count < AHEAD; count++) {
    next = following(next, 1);
    if (next < 0 || wanted.includes(next)) break;
    wanted.push(next);
  }
  wanted.push(...page.visited.slice(-2));
  for (const image of page.ready.keys()) if (!wanted.includes(image)) page.ready.delete(image);
  wanted.filter((image) => image >= 0).forEach(ready);
}

async function show(image, pressed = 0) {
  page.at = image;
  $("empty").hidden = image >= 0;
  $("stage").hidden = image < 0;
  $("told").textContent = "";
  if (image < 0) { showEnd(); return; }
  const entry = ready(image);
  // drawing keeps the page busy: what is known to be saved a moment later is said before it
  if (pressed) await Promise.race([store.settled(), new Promise((done) => setTimeout(done, SOON_MS))]);
  await entry.decoded;
  if (page.at !== image) return;
  drawChoice();
  drawCounts();
  const frame = document.createElement("div");
  frame.className = "frame";
  frame.append(entry.element);
  $("stage").replaceChildren(entry.gone ? goneText(image) : frame, ...maskFrames(image));
  fit();
  drawOutline();
  if (pressed) requestAnimationFrame(() => performance.measure("key to next image", { start: pressed, end: performance.now() }));
  prepare();
}

function goneText(image) {
  const text = document.createElement("p");
  text.className = "gone";
  text.textContent = `This image cannot be shown: it was moved, changed or deleted since it was chosen. ${page.images[image].path}`;
  return text;
}

function maskFrames(image) {
  if (!page.masks) return [];
  const frame = document.createElement("div"), mask = new Image();
  frame.className = "frame";
  mask.alt = `mask of ${page.images[image].path}`;
  mask.src = `mask/${page.images[image].key}?v=${page.images[image].version}`;
  mask.addEventListener("error", () => { frame.textContent = "There is no mask that can be read."; });
  frame.append(mask);
  return [frame];
}

function showEnd() {
  $("stage").replaceChildren();
  const left = ["skip", "unsure"].map((kind) => [count((mark) => mark && mark.kind === kind), KINDS[kind]]).filter(([number]) => number);
  const rest = left.map(([number, name]) => `${number} ${name}`).join(", ");
  const all = page.filter === "todo" ? "Every image has been looked at." : "There is no image of this kind.";
  $("empty").textContent = rest ? `${all} ${rest}: choose them at “Show”.` : all;
  $("place").textContent = "";
  drawClasses();
  drawCounts();
}

const count = (test) => page.images.reduce((sum, _, image) => sum + Boolean(test(mine(image), image)), 0);

function matches(image) {
  const mark = mine(image);
  if (page.filter === "all") return true;
  if (page.filter === "todo") return !isDone(image);
  if (page.filter === "differ") return differ(image);
  if (page.filter === "again") return page.again.some((one) => one.image === image);
  if (page.filter.startsWith("part:")) return page.images[image].part === page.filter.slice(5);
  if (page.filter.startsWith("class:")) return Boolean(mark) && mark.choice === page.filter.slice(6);
  return Boolean(mark) && mark.kind === page.filter;
}

// people who say different things of an image: it has no label until they agree
const differ = (image) => new Set([...page.marks[image].values()].filter((mark) => mark.kind === "label").map((mark) => mark.choice)).size > 1;

function following(from, step) {
  const total = page.images.length;
  for (let done = 1; done <= total; done++) {
    const image = (((from + step * done) % total) + total) % total;
    if (matches(image) && image !== from) return image;
  }
  return from >= 0 && matches(from) ? from : -1;
}

function goNext(pressed = 0) {
  if (page.at >= 0) page.visited.push(page.at);
  show(following(page.at, 1), pressed);
}

function goBack() {
  const before = page.visited.pop();
  show(before === undefined ? following(page.at, -1) : before);
}

const placeText = () => (page.at < 0 ? $("empty").textContent : `Image ${page.at + 1} of ${page.images.length}.`);
const live = (text) => { $("live").textContent = text; };

// ---- zoom, pan, what the model sees --------------------------------------------------------------

function fit() { page.zoom = { scale: 1, x: 0, y: 0 }; applyZoom(); }

function applyZoom() {
  const { scale, x, y } = page.zoom;
  for (const frame of $("stage").querySelectorAll(".frame")) frame.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
}

function zoom(factor, clientX, clientY) {
  const box = $("stage").getBoundingClientRect();
  const [x, y] = [(clientX ?? box.left + box.width / 2) - box.left, (clientY ?? box.top + box.height / 2) - box.top];
  const scale = Math.min(20, Math.max(1, page.zoom.scale * factor)), change = scale / page.zoom.scale;
  page.zoom = scale === 1 ? { scale: 1, x: 0, y: 0 } : { scale, x: x - (x - page.zoom.x) * change, y: y - (y - page.zoom.y) * change };
  applyZoom();
}

const fingers = new Map();
let swipe = null;

function pointerDown(event) {
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  swipe = fingers.size === 1 ? [event.clientX, event.clientY] : null;
  $("stage").setPointerCapture(event.pointerId);
}

function pointerMove(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  if (fingers.size === 2) {
    const [, other] = [...fingers].find(([id]) => id !== event.pointerId);
    const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    zoom(distance([event.clientX, event.clientY]) / (distance(before) || 1), (event.clientX + other[0]) / 2, (event.clientY + other[1]) / 2);
  } else if (page.zoom && page.zoom.scale > 1) {
    page.zoom.x += event.clientX - before[0];
    page.zoom.y += event.clientY - before[1];
    applyZoom();
  }
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
}

function pointerUp(event) {
  const fitted = page.zoom && page.zoom.scale === 1;
  if (swipe && fitted && event.pointerType !== "mouse" && fingers.size === 1) {
    const moved = event.clientX - swipe[0];
    if (Math.abs(moved) > 60) { if (moved < 0) goNext(); else goBack(); }
  }
  fingers.delete(event.pointerId);
}

async function drawOutline() {
  $("stage").querySelectorAll(".seen").forEach((element) => element.remove());
  $("outline").setAttribute("aria-pressed", String(page.outline));
  const image = page.at, picture = $("stage").querySelector(".frame img");
  if (!page.outline || image < 0 || !picture) return;
  const { part } = page.images[image].seen || (await (await fetch(`part/${page.images[image].key}`)).json());
  if (!part || page.at !== image) return;
  const frame = picture.parentElement;
  const scale = Math.min(LARGEST, frame.clientWidth / picture.naturalWidth, frame.clientHeight / picture.naturalHeight);
  const [width, height] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
  const outline = document.createElement("i");
  outline.className = "seen";
  outline.style.left = `${(frame.clientWidth - width) / 2 + part[0] * width}px`;
  outline.style.top = `${(frame.clientHeight - height) / 2 + part[1] * height}px`;
  outline.style.width = `${part[2] * width}px`;
  outline.style.height = `${part[3] * height}px`;
  frame.append(outline);
}

// ---- classes -----------------------------------------------------------------------------------

function keyOf(index) { return CLASS_KEYS[index] || ""; }

function drawClasses() {
  const items = page.classes.slice(0, SHOWN_CLASSES).map((name, index) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const [key, label, hint, number] = ["kbd", "span", "span", "span"].map((kind) => document.createElement(kind));
    key.textContent = keyOf(index);
    key.hidden = !keyOf(index);
    [label.className, hint.className, number.className] = ["name", "hint", "count"];
    label.textContent = name;
    button.type = "button";
    button.dataset.name = name;
    button.append(key, label, hint, number);
    item.append(button);
    return item;
  });
  if (page.classes.length > SHOWN_CLASSES) {
    const rest = document.createElement("li");
    rest.className = "more";
    rest.textContent = `and ${page.classes.length - SHOWN_CLASSES} more: press / and type`;
    items.push(rest);
  }
  $("classes").replaceChildren(...items);
  drawChoice();
  drawCounts();
  drawFilter();
}

function drawChoice() {
  const mark = page.at >= 0 ? mine(page.at) : undefined;
  const suggestion = page.at >= 0 && mode() === "before" && !mark ? page.suggestions[page.at] : undefined;
  for (const button of $("classes").querySelectorAll("button")) {
    const name = button.dataset.name;
    button.setAttribute("aria-pressed", String(Boolean(mark) && mark.choice === name));
    button.querySelector(".hint").textContent = suggestion && suggestion[0] === name ? `suggested, ${percent(suggestion[1])}` : "";
  }
  for (const kind of ["skip", "unsure", "unusable"]) {
    document.querySelector(`#actions [data-do="${kind}"]`).setAttribute("aria-pressed", String(Boolean(mark) && mark.kind === kind));
  }
  if (page.at >= 0) $("place").textContent = placeLine(page.at);
}

function placeLine(image) {
  const { path, part } = page.images[image];
  const said = [...page.marks[image]].filter(([name]) => name !== page.me).map(([name, mark]) => `${name}: ${mark.choice || KINDS[mark.kind]}`);
  const issue = page.again.find((one) => one.image === image), mark = mine(image);
  const doubt = issue && mark ? `the probe, without this image, says ${issue.suggested}` : "";
  return [`${image + 1}/${page.images.length}`, part, path, ...said, doubt].filter(Boolean).join(" · ");
}

function counts() {
  const found = new Map(page.classes.map((name) => [name, 0]));
  let done = 0;
  page.images.forEach((_, image) => {
    const mark = mine(image) || others(image).find((one) => one.kind === "label");
    done += isDone(image);
    if (mark && mark.choice) found.set(mark.choice, (found.get(mark.choice) || 0) + 1);
  });
  return { done, found };
}

let countsAsked = false;
function drawCounts() {
  if (countsAsked) return;
  countsAsked = true;
  requestAnimationFrame(() => setTimeout(() => {
    countsAsked = false;
    const { done, found } = counts();
    $("progress").textContent = `${done} of ${page.images.length} looked at`;
    for (const button of $("classes").querySelectorAll("button")) button.querySelector(".count").textContent = found.get(button.dataset.name) || "";
    const without = page.classes.filter((name) => !found.get(name));
    const list = without.slice(0, 8).join(", ") + (without.length > 8 ? ` and ${without.length - 8} more` : "");
    $("without").textContent = without.length && page.classes.length > 1 ? `Without a label yet: ${list}.` : "";
    const named = [...found.values()].filter(Boolean).length;
    $("train").disabled = named < 2 || running;
    $("train").title = named < 2 ? "Label images of two classes first" : "";
  }, 0));
}

function drawFilter() {
  const options = [["todo", "to do"], ["all", "all"], ["unsure", "unsure"], ["skip", "skipped"], ["unusable", "bad images"]];
  if (page.images.some((_, image) => differ(image))) options.push(["differ", "people disagree"]);
  if (page.again.length) options.push(["again", `worth a second look (${page.again.length})`]);
  const parts = [...new Set(page.images.map((image) => image.part))];
  if (parts.length > 1) options.push(...parts.map((part) => [`part:${part}`, part]));
  options.push(...page.classes.slice(0, 200).map((name) => [`class:${name}`, `class ${name}`]));
  const select = $("filter");
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  select.value = page.filter;
}

// ---- type a class ------------------------------------------------------------------------------

let active = 0;
const plain = (text) => text.trim().normalize("NFC").toLowerCase();

function found(text) {
  const asked = plain(text);
  const begins = [], holds = [];
  for (const name of page.classes) {
    const place = plain(name).indexOf(asked);
    if (place === 0) begins.push(name); else if (place > 0) holds.push(name);
    if (begins.length >= MATCHES) break;
  }
  return [...begins, ...holds].slice(0, MATCHES);
}

function drawMatches(started = performance.now()) {
  const text = $("type").value, names = text.trim() ? found(text) : [];
  const isNew = text.trim() && !page.classes.some((name) => plain(name) === plain(text));
  const items = names.map((name) => [name, name]);
  if (isNew) items.push([text.trim(), `new class “${text.trim()}”`]);
  active = Math.min(active, Math.max(0, items.length - 1));
  $("matches").replaceChildren(...items.map(([name, shown], index) => {
    const item = document.createElement("li");
    Object.assign(item, { id: `match-${index}`, textContent: shown });
    item.dataset.name = name;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(index === active));
    return item;
  }));
  $("matches").hidden = !items.length;
  $("type").setAttribute("aria-expanded", String(Boolean(items.length)));
  $("type").setAttribute("aria-activedescendant", items.length ? `match-${active}` : "");
  requestAnimationFrame(() => performance.measure("key to matches", { start: started, end: performance.now() }));
}

function takeMatch(name, pressed) {
  $("type").value = "";
  active = 0;
  drawMatches();
  $("content").focus();
  if (name) decide(targets(), "label", name.trim().normalize("NFC"), pressed);
}

function typeKeys(event) {
  const items = [...$("matches").children];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    active = (active + (event.key === "ArrowDown" ? 1 : items.length - 1)) % Math.max(1, items.length);
    drawMatches();
    event.preventDefault();
  } else if (event.key === "Enter" && items[active]) {
    takeMatch(items[active].dataset.name, event.timeStamp);
    event.preventDefault();
  } else if (event.key === "Escape") takeMatch("", 0);
  event.stopPropagation();
}

// ---- grid --------------------------------------------------------------------------------------

function gridImages() {
  const order = $("order").value === "alike" && page.order.length === page.images.length ? page.order : page.images.map((_, image) => image);
  return order.filter(matches);
}

function drawGrid() {
  const size = Number($("size").value), images = gridImages();
  page.first = Math.max(0, Math.min(page.first, Math.floor((images.length - 1) / size) * size));
  page.tiles = images.slice(page.first, page.first + size);
  page.selected = new Set([...page.selected].filter((image) => page.tiles.includes(image)));
  page.here = Math.min(page.here, Math.max(0, page.tiles.length - 1));
  $("tiles").replaceChildren(...page.tiles.map(tile));
  const pages = Math.max(1, Math.ceil(images.length / size));
  $("page").textContent = images.length ? `${Math.floor(page.first / size) + 1} of ${pages}` : "no image of this kind";
  drawSelection();
  drawCounts();
}

function tile(image, index) {
  const item = document.createElement("li"), picture = new Image(), text = document.createElement("span");
  const mark = mine(image) || others(image).find((one) => one.kind === "label");
  item.id = `tile-${index}`;
  item.setAttribute("role", "option");
  picture.src = address(image, "thumbnail");
  picture.alt = "";
  picture.draggable = false;
  text.textContent = mark ? mark.choice || KINDS[mark.kind] : suggestedText(image);
  item.setAttribute("aria-label", `${page.images[image].path}, ${text.textContent || "without a label"}`);
  item.append(picture, text);
  const same = page.tiles.filter((other) => sameLook(other, image)).length;
  if (same > 1) {
    const badge = document.createElement("button");
    Object.assign(badge, { type: "button", className: "same", textContent: `${same} alike`, title: "Select all that look the same" });
    badge.dataset.same = String(image);
    badge.tabIndex = -1;
    item.append(badge);
  }
  return item;
}

const sameLook = (one, other) => one === other || (page.alike.length && page.alike[one] === page.alike[other]);
const suggestedText = (image) => (mode() === "before" && page.suggestions[image] ? `? ${page.suggestions[image][0]}` : "");

function drawSelection() {
  [...$("tiles").children].forEach((item, index) => {
    item.setAttribute("aria-selected", String(page.selected.has(page.tiles[index])));
    item.classList.toggle("here", index === page.here);
  });
  $("tiles").setAttribute("aria-activedescendant", `tile-${page.here}`);
}

function select(index, { range = false, toggle = true } = {}) {
  const image = page.tiles[index];
  if (image === undefined) return;
  if (range) {
    const [low, high] = [page.anchor, index].sort((one, other) => one - other);
    page.tiles.slice(low, high + 1).forEach((one) => page.selected.add(one));
  } else {
    if (toggle && page.selected.has(image)) page.selected.delete(image); else page.selected.add(image);
    page.anchor = index;
  }
  page.here = index;
  drawSelection();
}

function selectAlike(image) {
  page.tiles.filter((other) => sameLook(other, image)).forEach((other) => page.selected.add(other));
  drawSelection();
  live(`${page.selected.size} selected.`);
}

function move(event) {
  const columns = getComputedStyle($("tiles")).gridTemplateColumns.split(" ").length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
  const index = Math.min(page.tiles.length - 1, Math.max(0, page.here + step));
  if (event.shiftKey) select(index, { range: true });
  page.here = index;
  drawSelection();
  $("tiles").children[index]?.scrollIntoView({ block: "nearest" });
}

function afterGrid(number, name) {
  page.selected.clear();
  drawGrid();
  live(`${number} images: ${name}.`);
}

function toGrid(isGrid) {
  page.view = isGrid ? "grid" : "one";
  $("grid").hidden = !isGrid;
  $("one").hidden = isGrid;
  $("view").setAttribute("aria-pressed", String(isGrid));
  $("view").textContent = isGrid ? "One by one" : "Grid";
  if (isGrid) { drawGrid(); $("tiles").focus({ preventScroll: true }); } else show(page.at >= 0 && matches(page.at) ? page.at : following(page.at, 1));
}

const targets = () => (page.view === "grid" ? [...page.selected] : page.at >= 0 ? [page.at] : []);

// a box that is drawn with the mouse selects what it touches
let box = null;
function boxMove(event) {
  if (!box || event.pointerType !== "mouse") return;
  const [left, right] = [box.x, event.clientX].sort((one, other) => one - other);
  const [top, bottom] = [box.y, event.clientY].sort((one, other) => one - other);
  if (right - left < 12 && bottom - top < 12) return;
  box.moved = true;
  page.selected = new Set(box.before);
  [...$("tiles").children].forEach((item, index) => {
    const place = item.getBoundingClientRect();
    if (place.left < right && place.right > left && place.top < bottom && place.bottom > top) page.selected.add(page.tiles[index]);
  });
  drawSelection();
}

// ---- advice ------------------------------------------------------------------------------------

let lastSuggestion = null;
const mode = () => $("mode").value;
const percent = (share) => `${Math.round(100 * share)} %`;
const points = (share) => `${share >= 0 ? "+" : "−"}${Math.abs(100 * share).toFixed(1)}`;

function shownSuggestion(image) {
  return mode() === "before" && !mine(image) && page.suggestions[image] ? page.suggestions[image][0] : "";
}

function countAgreement(image, choice) {
  const suggestion = page.suggestions[image];
  lastSuggestion = suggestion ? { image, suggestion } : null;
  if (suggestion) page.agreed = [...page.agreed, suggestion[0] === choice].slice(-REMEMBERED);
  delete page.suggestions[image];
  drawAgreement();
}

function drawAgreement() {
  const right = page.agreed.filter(Boolean).length;
  $("agreed").textContent = page.agreed.length ? `Suggestions were right for ${right} of your last ${page.agreed.length} labels.` : "";
}

function afterChoice(image, kind, choice) {
  const suggestion = lastSuggestion && lastSuggestion.image === image ? lastSuggestion.suggestion : null;
  if (kind !== "label" || mode() !== "after" || !suggestion) return "";
  return suggestion[0] === choice ? `The probe would have said ${choice} too.` : `The probe would have said ${suggestion[0]} (${percent(suggestion[1])}), you said ${choice}.`;
}

function takeAdvice(news) {
  if (news.problem) $("agreed").textContent = news.problem;
  if (news.suggestions) page.suggestions = news.suggestions;
  if (news.order) { page.order = news.order; page.alike = news.alike; }
  if ("accuracy" in news) drawAccuracy(news.accuracy);
  if ("more" in news) drawMore(news.more);
  if (news.again) { page.again = news.again; drawAgain(); }
  if (news.suggestions) drawChoice();
}

function drawAccuracy(found) {
  $("accuracy").textContent = found
    ? `A quick probe is right on about ${percent(found.accuracy)} of the pool (${percent(found.low)} to ${percent(found.high)}), by ${found.held_out} labels it had not seen.`
    : "";
}

function drawMore(gain) {
  if (!gain) { $("more-gain").textContent = ""; return; }
  const pays = gain.high < 0.01 ? " More labels hardly pay any more." : "";
  $("more-gain").textContent = `${gain.labels} more labels: ${points(gain.accuracy)} points (${points(gain.low)} to ${points(gain.high)}).${pays}`;
}

function drawAgain() {
  $("again").hidden = !page.again.length;
  $("again").textContent = `Look again at ${page.again.length} label${page.again.length === 1 ? "" : "s"}`;
  if (page.filter !== "again") drawFilter();
}

// ---- training ----------------------------------------------------------------------------------

let running = false;

function takeRun(news) {
  running = news.state === "running";
  $("stop").hidden = !running;
  $("run").hidden = !running;
  $("train").disabled = running;
  $("more").querySelector("button").disabled = running;
  if (running) {
    $("share").value = news.share;
    const left = news.seconds_left ? `, about ${Math.max(1, Math.round(news.seconds_left / 60))} min left` : "";
    $("phase").textContent = `${news.phase}, ${percent(news.share)}${left}`;
  } else if (news.state !== "idle") {
    const text = { done: "The run is done.", stopped: "The run was stopped; the next one goes on from there.", failed: "The run failed; what it said is below." }[news.state];
    $("run").hidden = false;
    $("share").value = news.state === "done" ? 1 : 0;
    $("phase").textContent = text;
    live(text);
    $("log").hidden = !news.lines.length;
    $("lines").textContent = news.lines.join("\n");
    $("log").open = news.state === "failed";
  }
  if ("has_model" in news) $("model").hidden = !news.has_model;
  drawCounts();
}

async function ask(path, body = {}) {
  const answer = await fetch(path, post(body));
  alertUser(answer.ok ? "" : await answer.text());
}

// ---- keys --------------------------------------------------------------------------------------

const actions = {
  next: () => goNext(), back: goBack, undo, fit,
  skip: (at) => decide(targets(), "skip", "", at),
  unsure: (at) => decide(targets(), "unsure", "", at),
  unusable: (at) => decide(targets(), "unusable", "", at),
  outline: () => { page.outline = !page.outline; drawOutline(); },
  again: () => { setFilter("again"); },
  all: () => { page.tiles.forEach((image) => page.selected.add(image)); drawSelection(); },
  none: () => { page.selected.clear(); drawSelection(); },
  "page-back": () => turn(-1), "page-next": () => turn(1),
  train: () => ask("train"), stop: () => ask("stop"), download,
};

function turn(step) {
  page.first += step * Number($("size").value);
  page.here = 0;
  drawGrid();
}

function setFilter(value) {
  page.filter = value;
  drawFilter();
  page.first = 0;
  page.visited = [];
  if (page.view === "grid") drawGrid();
  else show(page.at >= 0 && matches(page.at) ? page.at : following(Math.max(page.at, 0) - 1, 1));
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || $("keys").open) return;
  const inField = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  const control = event.ctrlKey || event.metaKey;
  if (inField || event.altKey) return;
  if (control) {
    const known = { z: undo, a: page.view === "grid" ? actions.all : null }[event.key.toLowerCase()];
    if (known) { known(); event.preventDefault(); }
    return;
  }
  const onButton = event.target.tagName === "BUTTON" || event.target.tagName === "A" || event.target.tagName === "SUMMARY";
  if (onButton && [" ", "Enter"].includes(event.key)) return;
  const handler = page.view === "grid" ? gridKey(event) : oneKey(event);
  if (handler) { handler(); event.preventDefault(); }
}

function commonKey(event) {
  const { key } = event;
  if (key === "Backspace") return undo;
  if (key === "?" && $("single").checked) return () => $("keys").showModal();
  if (key === "/" && $("single").checked) return () => $("type").focus();
  if (key === "G" && event.shiftKey) return () => toGrid(page.view !== "grid");
  if (!$("single").checked) return null;
  const index = CLASS_KEYS.indexOf(key);
  if (key.length === 1 && index >= 0 && page.classes[index] !== undefined) return () => decide(targets(), "label", page.classes[index], event.timeStamp);
  if (key === ".") return () => actions.unsure(event.timeStamp);
  if (key === ",") return () => actions.unusable(event.timeStamp);
  return null;
}

function oneKey(event) {
  const { key } = event;
  if (key === "ArrowRight") return () => goNext(event.timeStamp);
  if (key === "ArrowLeft") return goBack;
  if (key === " ") return () => actions.skip(event.timeStamp);
  if (key === "Enter") {
    const suggestion = page.at >= 0 ? shownSuggestion(page.at) : "";
    return suggestion ? () => decide([page.at], "label", suggestion, event.timeStamp) : null;
  }
  if (key === "+" || key === "=") return () => zoom(1.5);
  if (key === "-") return () => zoom(1 / 1.5);
  if (key === "Escape") return fit;
  if (key === "O" && event.shiftKey) return actions.outline;
  return commonKey(event);
}

function gridKey(event) {
  const { key } = event;
  if (key.startsWith("Arrow")) return () => move(event);
  if (key === " ") return () => select(page.here, { range: event.shiftKey });
  if (key === "Escape") return actions.none;
  if (key === "PageDown") return () => turn(1);
  if (key === "PageUp") return () => turn(-1);
  if (key === "L" && event.shiftKey) return () => selectAlike(page.tiles[page.here]);
  return commonKey(event);
}

// ---- begin -------------------------------------------------------------------------------------

function listen() {
  const news = new EventSource("events");
  let lost = false;
  news.onmessage = (event) => {
    const found = JSON.parse(event.data);
    if (found.kind === "marks") takeMarks(found.marks);
    else if (found.kind === "classes") { page.classes = found.classes; drawClasses(); }
    else if (found.kind === "advice") takeAdvice(found);
    else if (found.kind === "run") takeRun(found);
    else if (found.kind === "images") load();
  };
  news.onerror = () => { lost = true; saved(store.waiting(), true); };
  news.onopen = () => { if (lost) { lost = false; saved(store.waiting()); store.retry(); load(true); } };
}

function takeMarks(marks) {
  // what waits here is newer than what comes back
  if (!store.waiting()) marks.forEach((mark) => remember(mark.image, mark.annotator, mark.kind, mark.choice));
  else marks.filter((mark) => mark.annotator !== page.me).forEach((mark) => remember(mark.image, mark.annotator, mark.kind, mark.choice));
  drawChoice();
  drawCounts();
}

async function load(keep = false) {
  const answer = await fetch("state");
  if (!answer.ok) { block(await answer.text()); return; }
  const here = keep && page.at >= 0 ? page.images[page.at].key : "";
  const state = await answer.json();
  take(state);
  takeRun({ ...state.run, has_model: state.has_model, lines: state.run.lines || [] });
  takeAdvice(state.advice);
  store.open(state.title);
  begin(here);
}

function take(state) {
  page.images = state.images.map(([key, path, part, version]) => ({ key, path, part, version }));
  page.classes = state.classes;
  page.masks = state.masks;
  page.me = localStorage.getItem("fact-label name") || state.annotator;
  page.marks = page.images.map(() => new Map());
  state.marks.forEach((mark) => remember(mark.image, mark.annotator, mark.kind, mark.choice));
  Object.assign(page, { visited: [], undo: [], suggestions: {}, again: [], alike: [], order: [], at: -1 });
  page.ready.clear();
  $("outline").hidden = !state.cropped;
  $("training").hidden = !state.can_train;
  $("advice").hidden = !state.can_train;
}

function begin(here = "") {
  $("annotator").value = page.me;
  drawClasses();
  const at = page.images.findIndex((image) => image.key === here);
  page.at = at;
  if (page.view === "grid") drawGrid();
  else show(at >= 0 ? at : following(-1, 1));
  document.documentElement.dataset.ready = "true";
}

function beginFile() {
  page.images = embedded.images;
  page.classes = [...embedded.classes];
  page.me = "me";
  try { page.me = localStorage.getItem("fact-label name") || "me"; } catch { /* nothing is kept here */ }
  page.marks = page.images.map(() => new Map());
  page.outline = false;
  $("outline").hidden = !page.images.some((image) => image.seen);
  $("file").hidden = false;
  store.open();
  begin();
}

document.addEventListener("keydown", pressed);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.do) actions[button.dataset.do](event.timeStamp);
  else if (button.dataset.name !== undefined) decide(targets(), "label", button.dataset.name, event.timeStamp);
  else if (button.dataset.same) { selectAlike(Number(button.dataset.same)); event.stopPropagation(); }
});
$("type").addEventListener("input", (event) => { active = 0; drawMatches(event.timeStamp); });
$("type").addEventListener("keydown", typeKeys);
$("matches").addEventListener("mousedown", (event) => {
  const item = event.target.closest("li");
  if (item) takeMatch(item.dataset.name, event.timeStamp);
  event.preventDefault();
});
$("filter").addEventListener("change", (event) => { setFilter(event.target.value); event.target.blur(); });
$("view").addEventListener("click", () => toGrid(page.view !== "grid"));
$("help").addEventListener("click", () => $("keys").showModal());
$("size").addEventListener("change", drawGrid);
$("order").addEventListener("change", () => { page.first = 0; drawGrid(); });
$("mode").addEventListener("change", () => {
  try { localStorage.setItem("fact-label mode", mode()); } catch { /* it is chosen anew the next time */ }
  drawChoice();
  if (page.view === "grid") drawGrid();
});
$("annotator").addEventListener("change", (event) => {
  page.me = event.target.value.trim();
  try { localStorage.setItem("fact-label name", page.me); } catch { /* it is asked anew the next time */ }
  page.undo = [];
  drawClasses();
  if (page.view === "grid") drawGrid();
});
$("more").addEventListener("submit", (event) => { event.preventDefault(); ask("more", { budget: Number($("budget").value) }); });
$("tiles").addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (!item || event.target.closest("button") || (box && box.moved)) { box = null; return; }
  select([...$("tiles").children].indexOf(item), { range: event.shiftKey });
});
$("tiles").addEventListener("dblclick", (event) => {
  const item = event.target.closest("li");
  if (item) { page.at = page.tiles[[...$("tiles").children].indexOf(item)]; page.filter = "all"; toGrid(false); show(page.at); }
});
$("tiles").addEventListener("pointerdown", (event) => { box = { x: event.clientX, y: event.clientY, before: event.shiftKey ? [...page.selected] : [], moved: false }; });
document.addEventListener("pointermove", (event) => { if (event.buttons) boxMove(event); });
$("stage").addEventListener("wheel", (event) => { zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.clientX, event.clientY); event.preventDefault(); }, { passive: false });
$("stage").addEventListener("dblclick", fit);
for (const [name, handler] of [["pointerdown", pointerDown], ["pointermove", pointerMove], ["pointerup", pointerUp], ["pointercancel", pointerUp]]) $("stage").addEventListener(name, handler);
addEventListener("resize", drawOutline);
addEventListener("beforeunload", (event) => { if (store.waiting()) event.preventDefault(); });

if (embedded) beginFile();
else {
  history.replaceState(null, "", location.pathname);
  try { $("mode").value = localStorage.getItem("fact-label mode") || "off"; } catch { /* off */ }
  load().then(listen);
}

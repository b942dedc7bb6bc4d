"use strict";

// pictures that nothing shows at first; the others stand where they are seen first
const kept = JSON.parse(document.getElementById("kept").textContent);
const embedded = new Map(
  [...document.querySelectorAll("img[data-picture][src]")].map((image) => [image.dataset.picture, image]),
);

function fill(images) {
  for (const image of images) {
    const number = image.dataset.picture;
    if (!image.hasAttribute("src")) image.src = kept[number] ?? embedded.get(number)?.src ?? "";
  }
}

const numbers = [...document.querySelectorAll("button.number")];
const behind = (button) => document.getElementById(button.getAttribute("aria-controls"));

const hint = document.querySelector("#behind .hint");

function choose(chosen) {
  hint.hidden = chosen.getAttribute("aria-expanded") === "false";
  for (const button of numbers) {
    const shown = button === chosen && button.getAttribute("aria-expanded") === "false";
    button.setAttribute("aria-expanded", String(shown));
    behind(button).hidden = !shown;
    if (shown) {
      fill(behind(button).querySelectorAll("img"));
      behind(button).scrollIntoView({ block: "nearest" });
    }
  }
}

// where an arrow leads: the next number in its direction, over empty cells
const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function next(button, [down, right]) {
  const cell = button.closest("td");
  const rows = cell.closest("tbody").rows;
  let [row, column] = [cell.parentNode.rowIndex - 1 + down, cell.cellIndex + right];
  for (; rows[row]?.cells[column]; row += down, column += right) {
    const found = rows[row].cells[column].querySelector("button.number");
    if (found) return found;
  }
  return null;
}

// one stop of the tab key for a whole matrix
function stop(button) {
  for (const other of button.closest("table").querySelectorAll("button.number")) other.tabIndex = -1;
  button.tabIndex = 0;
}

for (const button of numbers) {
  button.addEventListener("click", () => choose(button));
  button.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true") choose(button);
    const found = button.closest(".matrix") && steps[event.key] && next(button, steps[event.key]);
    if (found) {
      event.preventDefault();
      stop(found);
      found.focus();
    }
  });
}
for (const matrix of document.querySelectorAll(".matrix")) {
  const first = matrix.querySelector("button.number");
  if (first) stop(first);
}
fill(document.querySelectorAll(":not(.behind) > .tiles img"));
document.documentElement.dataset.ready = "true";

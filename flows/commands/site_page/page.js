// Puts the page together: steps, what the server says of the camera, keys.

import { canRedo, canUndo, isKept, load, onChange, redo, sendLast, site, tell, undo } from "./server.js";
import { draw, onKey, showStep, startPhoto, zoom } from "./photo.js";
import { STEPS, follow } from "./panels.js";

const find = (id) => document.getElementById(id);
const names = STEPS.map(([name]) => name);
let current = names.includes(location.hash.slice(1)) ? location.hash.slice(1) : names[0];

function go(name) {
  isTyping = false;
  current = name;
  history.replaceState(null, "", `#${name}`);
  showStep(name);
  tell();
}

function makeSteps() {
  find("steps").append(...STEPS.map(([name, title], k) => {
    const step = Object.assign(document.createElement("button"), { onclick: () => go(name), id: `step-${name}` });
    step.append(Object.assign(document.createElement("b"), { textContent: k + 1 }), title);
    return step;
  }));
}

function showSteps() {
  names.forEach((name) => {
    find(`step-${name}`).classList.toggle("is-current", name === current);
    find(`step-${name}`).toggleAttribute("aria-current", name === current);
  });
  const place = names.indexOf(current);
  find("back").disabled = place === 0;
  find("next").hidden = place === names.length - 1;
}

function showAnswer() {
  const { answer, error, isLost, draft } = site;
  find("photo-name").textContent = draft.photo.name;
  const problem = error || answer.problem || "";
  find("problem").hidden = !problem;
  find("problem").textContent = problem;
  find("camera").textContent = answer.words;
  find("hints").replaceChildren(...answer.hints.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  find("banner").hidden = !isLost;
  find("banner").textContent = "The command in the terminal has ended. All that you did is kept: start the same command again and open the address that it prints.";
  find("kept").textContent = isKept() ? "All is kept" : "Not kept yet";
  find("undo").disabled = !canUndo();
  find("redo").disabled = !canRedo();
}

// The panel is made anew after each change; what was typed in stays in hand, and so does the place it is scrolled to.
function showPanel() {
  const panel = find("panel");
  const focused = panel.contains(document.activeElement) ? [...panel.querySelectorAll("input, select, button")].indexOf(document.activeElement) : -1;
  const isOpen = Boolean(panel.querySelector("details[open]"));
  const { scrollTop } = panel;
  panel.replaceChildren();
  STEPS.find(([name]) => name === current)[2](panel);
  if (isOpen) panel.querySelector("details")?.setAttribute("open", "");
  panel.scrollTop = scrollTop;
  if (focused >= 0) [...panel.querySelectorAll("input, select, button")][focused]?.focus();
}

// While a pointer is down the panel stays as it is: a button that is made anew under it would not be clicked.
let isDragging = false;

// Nor while something is typed that no field has taken yet.
let isTyping = false;

function release() {
  if (!isDragging) return;
  isDragging = false;
  setTimeout(show);
}

function show() {
  if (!site.draft) return;
  showSteps();
  showAnswer();
  if (!isDragging && !isTyping) showPanel();
  draw();
}

function onKeyDown(event) {
  const isInField = event.target.matches("input, select, textarea");
  if ((event.ctrlKey || event.metaKey) && !isInField && ["z", "y"].includes(event.key.toLowerCase())) {
    event.preventDefault();
    if (event.key.toLowerCase() === "y" || event.shiftKey) redo();
    else undo();
  } else if (!isInField && onKey(event)) {
    event.preventDefault();
    show();
  }
}

function start() {
  makeSteps();
  startPhoto();
  onChange(show);
  find("undo").onclick = undo;
  find("redo").onclick = redo;
  find("back").onclick = () => go(names[names.indexOf(current) - 1]);
  find("next").onclick = () => go(names[names.indexOf(current) + 1]);
  document.querySelectorAll("[data-zoom]").forEach((item) => { item.onclick = () => zoom(item.dataset.zoom); });
  find("panel").addEventListener("input", () => { isTyping = true; }, true);
  find("panel").addEventListener("change", () => { isTyping = false; }, true);
  document.addEventListener("keydown", onKeyDown);
  window.addEventListener("pagehide", sendLast);
  document.addEventListener("pointerdown", (event) => { isDragging = !event.target.closest("select"); }, true);
  ["pointerup", "pointercancel", "blur"].forEach((name) => window.addEventListener(name, release));
  go(current);
  follow();
}

load().then(start);

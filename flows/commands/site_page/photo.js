// The photo with all that is drawn over it, in pixels of the photo: moving, zooming, dragging points, placing new ones.

import { HANDLE_PX, distance, drawLayers } from "./drawing.js";
import { change, remember, site } from "./server.js";

const svg = document.getElementById("photo");
const CLICK_PX = 5; // a pointer that moves less was a click

export const tool = { kind: null, points: [], done: null, words: [] }; // what clicks on the photo place
let step = "lens";
let view = null; // the part of the photo that is seen: x, y, width, height
let hover = null;
let drag = null;
let chosen = null; // the polygon's point that Delete takes away: [polygon, index]

const size = () => [site.draft.photo.width_px, site.draft.photo.height_px];

export function startPhoto() {
  const [width, height] = size();
  const picture = document.getElementById("picture");
  picture.setAttribute("width", width);
  picture.setAttribute("height", height);
  fit();
  svg.addEventListener("pointerdown", onDown);
  svg.addEventListener("pointermove", onMove);
  svg.addEventListener("pointerup", onUp);
  svg.addEventListener("pointercancel", () => { drag = null; });
  svg.addEventListener("wheel", onWheel, { passive: false });
  svg.addEventListener("dblclick", onDoubleClick);
  svg.addEventListener("contextmenu", onDoubleClick);
  new ResizeObserver(draw).observe(svg);
}

export function showPicture(address) {
  document.getElementById("picture").setAttribute("href", address);
}

export function showStep(name) {
  step = name;
  stopTool();
}

// Ask for `count` points (0: a polygon, closed by a click on its first point) and call `done` with them.
export function startTool(kind, count, words, done) {
  Object.assign(tool, { kind, count, words, done, points: [] });
  chosen = null;
  svg.focus();
  draw();
}

export function stopTool() {
  Object.assign(tool, { kind: null, points: [], done: null, words: [] });
  hover = null;
  draw();
}

export function onKey(event) {
  if (event.key === "Escape" && tool.kind) stopTool();
  else if (event.key === "Enter" && tool.kind && tool.count === 0) finishPolygon();
  else if (event.key === "Backspace" && tool.points.length) tool.points.pop();
  else if ((event.key === "Delete" || event.key === "Backspace") && chosen) removePoint(...chosen);
  else return false;
  draw();
  return true;
}

// --- view

export function zoom(factor) {
  if (factor === "fit") return fit();
  zoomAt(Number(factor), [view.x + view.width / 2, view.y + view.height / 2]);
}

function fit() {
  const [width, height] = size();
  view = { x: -0.01 * width, y: -0.01 * height, width: 1.02 * width, height: 1.02 * height };
  draw();
}

function zoomAt(factor, [x, y]) {
  const [width] = size();
  const scale = Math.min(Math.max(view.width / factor, width / 40), 1.5 * width) / view.width;
  view = { x: x - (x - view.x) * scale, y: y - (y - view.y) * scale, width: view.width * scale, height: view.height * scale };
  draw();
}

function onWheel(event) {
  event.preventDefault();
  zoomAt(Math.exp(-event.deltaY / 400), place(event));
}

function place(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [point.x, point.y];
}

// Photo pixels in one pixel of the screen.
function unit() {
  return 1 / (svg.getScreenCTM()?.a || 1);
}

// --- pointer

function onDown(event) {
  if (event.button > 1) return;
  const path = event.target.dataset.path;
  svg.setPointerCapture(event.pointerId);
  drag = { path: path && !tool.kind ? JSON.parse(path) : null, at: [event.clientX, event.clientY], from: place(event),
    view: { ...view }, hasMoved: false, target: event.target };
}

function onMove(event) {
  if (tool.kind) {
    hover = inside(place(event));
    draw();
  }
  if (!drag) return;
  if (!drag.hasMoved && Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]) < CLICK_PX) return;
  if (!drag.hasMoved && drag.path) beginDrag();
  drag.hasMoved = true;
  if (drag.path) change((draft) => movePoint(draft, drag.path, inside(place(event))), { isRemembered: false });
  else pan(event);
}

function beginDrag() {
  remember();
  const [name, ...rest] = drag.path;
  if (name !== "between") return;
  const [polygon, index] = rest;
  polygonOf(site.draft, polygon).splice(index + 1, 0, [0, 0]);
  drag.path = ["polygon", polygon, index + 1];
}

function pan(event) {
  const scale = unit();
  view = { ...drag.view, x: drag.view.x - (event.clientX - drag.at[0]) * scale,
    y: drag.view.y - (event.clientY - drag.at[1]) * scale };
  draw();
}

function onUp(event) {
  const ended = drag;
  drag = null;
  if (!ended || ended.hasMoved) return;
  if (tool.kind) placePoint(inside(place(event)));
  else {
    const path = ended.target.dataset.path && JSON.parse(ended.target.dataset.path);
    chosen = path && path[0] === "polygon" ? [path[1], path[2]] : null;
  }
  draw();
}

function onDoubleClick(event) {
  event.preventDefault();
  const path = event.target.dataset.path && JSON.parse(event.target.dataset.path);
  if (tool.kind && tool.count === 0 && event.type === "dblclick") finishPolygon();
  else if (path && path[0] === "polygon") removePoint(path[1], path[2]);
}

function placePoint(point) {
  const isClosing = tool.count === 0 && tool.points.length >= 3 && distance(point, tool.points[0]) < 2 * HANDLE_PX * unit();
  if (isClosing) return finishPolygon();
  // The second click of a double click
  if (tool.points.length && distance(point, tool.points.at(-1)) < unit()) return;
  tool.points.push(point);
  if (tool.count && tool.points.length === tool.count) finish();
}

function finishPolygon() {
  if (tool.points.length >= 3) finish();
}

function finish() {
  const { done, points } = tool;
  stopTool();
  done(points);
}

function movePoint(draft, [name, index, k], point) {
  const circle = draft.lens.circle_px;
  if (name === "centre") [circle.cx, circle.cy] = point;
  else if (name === "rim") circle.radius = round(Math.max(distance(point, [circle.cx, circle.cy]), 5));
  else if (name === "mark") draft.marks[index][k] = point;
  else if (name === "seat") draft.seats[index][k] = point;
  else polygonOf(draft, index)[k] = point;
}

// "floor", or the number of an occluder
function polygonOf(draft, polygon) {
  return polygon === "floor" ? draft.floor_px : draft.occluders[polygon].polygon_px;
}

function removePoint(polygon, index) {
  chosen = null;
  if (polygonOf(site.draft, polygon).length > 3) change((draft) => polygonOf(draft, polygon).splice(index, 1));
}

const round = (value) => Math.round(value * 10) / 10;

// Within the photo; the circle of a lens may have its middle outside.
function inside([x, y]) {
  if (drag?.path && ["centre", "rim"].includes(drag.path[0])) return [round(x), round(y)];
  const [width, height] = size();
  return [round(Math.min(Math.max(x, 0), width)), round(Math.min(Math.max(y, 0), height))];
}

// --- drawing

export function draw() {
  if (!site.draft || !view) return;
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  svg.classList.toggle("is-drawing", Boolean(tool.kind));
  document.getElementById("instruction").textContent = tool.kind
    ? `${tool.words[Math.min(tool.points.length, tool.words.length - 1)]}  (Esc stops)` : "";
  drawLayers({ step, tool, hover, chosen, unit: unit() });
}

// What lies over the photo, in pixels of the photo: the lens circle, floor, tables, figures, marks, and what is being drawn.

import { site } from "./server.js";

export const HANDLE_PX = 7; // on the screen

const layers = document.getElementById("layers");
// The step, the tool with the points placed so far, where the pointer is, the chosen point, and photo pixels in one of the screen.
let scene = null;

export function drawLayers(newScene) {
  scene = newScene;
  layers.replaceChildren();
  if (scene.step === "lens") drawCircle();
  else {
    drawFloor();
    drawOccluders();
    drawSeats();
    // What is to be clicked must not lie below them.
    if (!scene.tool.kind) drawFigures();
    if (scene.step === "size") drawMarks();
  }
  drawTool();
}

export const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v);
const photoSize = () => [site.draft.photo.width_px, site.draft.photo.height_px];

function add(parent, name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  parent.append(element);
  return element;
}

const points = (list) => list.map((point) => point.join(",")).join(" ");

function group(names) {
  return add(layers, "g", names.includes(scene.step) ? {} : { class: "is-dim" });
}

function handle(parent, [x, y], path, kind = "") {
  const radius = (kind === "is-between" ? 0.7 : 1) * HANDLE_PX * scene.unit;
  add(parent, "circle", { class: `handle ${kind}`, cx: x, cy: y, r: radius, "data-path": JSON.stringify(path) });
}

function label(parent, [x, y], text) {
  const height = 14 * scene.unit;
  add(parent, "text", { class: "label", x, y: y - 12 * scene.unit, "font-size": height, "stroke-width": 3 * scene.unit }).textContent = text;
}

function drawCircle() {
  const circle = site.draft.lens.circle_px;
  if (!circle) return;
  const layer = group(["lens"]);
  add(layer, "circle", { class: "line circle", cx: circle.cx, cy: circle.cy, r: circle.radius });
  handle(layer, [circle.cx, circle.cy], ["centre"]);
  const [width, height] = photoSize();
  [0, 45, 90, 135, 180, 225, 270, 315].forEach((turn) => {
    const radians = (turn * Math.PI) / 180;
    const point = [circle.cx + circle.radius * Math.cos(radians), circle.cy + circle.radius * Math.sin(radians)];
    const slack = 0.02 * width;
    if (point[0] >= -slack && point[0] <= width + slack && point[1] >= -slack && point[1] <= height + slack)
      handle(layer, point, ["rim"]);
  });
}

function drawFloor() {
  const drawn = site.draft.floor_px;
  const outline = drawn.length ? drawn : site.answer.floor_px;
  if (outline.length < 3) return;
  const layer = group(["floor"]);
  add(layer, "polygon", { class: `shape floor ${drawn.length ? "" : "is-assumed"}`, points: points(outline) });
  if (scene.step === "floor" && drawn.length) drawPolygonHandles(layer, drawn, "floor");
}

function drawOccluders() {
  const layer = group(["tables"]);
  site.draft.occluders.forEach((occluder, k) => {
    add(layer, "polygon", { class: "shape top", points: points(occluder.polygon_px) });
    if (scene.step !== "tables") return;
    const xs = occluder.polygon_px.map(([x]) => x);
    const ys = occluder.polygon_px.map(([, y]) => y);
    label(layer, [mean(xs), mean(ys)], `${k + 1} ${occluder.name}`);
    drawPolygonHandles(layer, occluder.polygon_px, k);
  });
}

function drawSeats() {
  const layer = group(["tables"]);
  site.draft.seats.forEach((seat, k) => {
    add(layer, "polyline", { class: "line mark", points: points([seat.position_px, seat.ahead_px]) });
    if (scene.step !== "tables") return;
    handle(layer, seat.position_px, ["seat", k, "position_px"]);
    handle(layer, seat.ahead_px, ["seat", k, "ahead_px"], "is-between");
    label(layer, seat.position_px, `chair ${k + 1}`);
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function drawPolygonHandles(layer, outline, polygon) {
  if (scene.tool.kind) return;
  outline.forEach(([x, y], k) => {
    const [u, v] = outline[(k + 1) % outline.length];
    if (distance([x, y], [u, v]) > 5 * HANDLE_PX * scene.unit)
      handle(layer, [(x + u) / 2, (y + v) / 2], ["between", polygon, k], "is-between");
  });
  outline.forEach((point, k) => {
    const isChosen = scene.chosen && scene.chosen[0] === polygon && scene.chosen[1] === k;
    handle(layer, point, ["polygon", polygon, k], isChosen ? "is-chosen" : "");
  });
}

function drawFigures() {
  const layer = add(layers, "g", {});
  site.answer.figures.forEach((figure) => {
    add(layer, "polygon", { class: "shape figure", points: points(figure.body_px) });
    add(layer, "polygon", { class: "shape figure", points: points(figure.head_px) });
  });
}

function drawMarks() {
  const layer = group(["size"]);
  site.draft.marks.forEach((mark, k) => {
    const isOff = site.answer.are_off[k];
    add(layer, "polyline", { class: `line mark ${isOff ? "is-off" : ""}`, points: points([mark.start_px, mark.end_px]) });
    handle(layer, mark.start_px, ["mark", k, "start_px"]);
    handle(layer, mark.end_px, ["mark", k, "end_px"]);
    label(layer, mark.end_px, k + 1);
  });
}

function drawTool() {
  if (!scene.tool.kind || !scene.tool.points.length) return;
  const ends = scene.hover ? [...scene.tool.points, scene.hover] : scene.tool.points;
  add(layers, "polyline", { class: "line draft", points: points(ends) });
  scene.tool.points.forEach((point, k) => handle(layers, point, ["new"], k === 0 && scene.tool.points.length > 2 ? "is-first" : ""));
}

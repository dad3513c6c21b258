// The right side of the page: what each step asks.

import { button, make, numberInput, row, text } from "./elements.js";
import { ask, change, save, settled, site, tell } from "./server.js";
import { showPicture, startTool, tool } from "./photo.js";
import { seatsPart } from "./seats.js";

const MARKS = {
  person: { title: "A person", size: 1.75, words: ["Click the person's feet, between the shoes", "Now click the top of the head"] },
  door: { title: "A door", size: 2.0, words: ["Click the foot of the door, at one side", "Now click the top of the door, right above"] },
  distance: { title: "A distance", size: 1.0, words: ["Click one point of the floor", "Now click the other point of the floor"] },
};
const NUMBERS = { fov_deg: "How wide it sees, from edge to edge, in degrees", hfov_deg: "How wide it sees, from left to right, in degrees" };
const ROUND = "Click round it, corner after corner; a click on the first corner ends it";

export const STEPS = [
  ["lens", "Lens", lensPanel], ["size", "Size", sizePanel], ["floor", "Floor", floorPanel],
  ["tables", "Furniture", tablesPanel], ["look", "Look", lookPanel], ["save", "Save", savePanel],
];

const preview = { state: "none", seconds: 0, message: "", number: 0 };
let otherPhoto = "";
let saveError = "";

// --- lens

function lensPanel(panel) {
  const { lens, photo } = site.draft;
  const form = site.lenses.find((item) => item.model === lens.model);
  const words = lens.circle_px
    ? "Does the green circle run along the edge of the bright picture? If not, drag its rim, or its middle."
    : form.has_circle ? "This lens has no circle yet." : "No bright circle was found, so this seems to be no fisheye. If it is one, choose it here and put a circle on the photo.";
  panel.append(make("h2", {}, "What kind of lens?"), text(words));
  const select = make("select", { onchange: () => change((draft) => chooseLens(draft, select.value)) },
    ...site.lenses.map((item) => make("option", { value: item.model, selected: item.model === lens.model }, item.title)));
  panel.append(make("label", {}, "Lens ", select));
  form.numbers.forEach((name) => panel.append(lensNumber(name)));
  if (!lens.model.startsWith("opencv")) panel.append(lensKnown());
  if (form.has_circle) panel.append(circleButtons(photo));
  const advice = lens.model.startsWith("fisheye_equi")
    ? "Most ceiling fisheyes see 180 degrees. The camera's data sheet knows; if the figures of the next steps fit in the middle but not at the rim, this number is wrong."
    : "Figures can only be right if this is. The camera's data sheet names the angle of view.";
  panel.append(text(advice, "note"));
}

function lensNumber(name) {
  const onValue = (value) => change((draft) => {
    draft.lens = { ...draft.lens, [name]: value };
    draft.is_lens_known = true;
    if (value === null) delete draft.lens[name];
  });
  return row(NUMBERS[name] ?? name, numberInput(site.draft.lens[name], onValue, { id: name }));
}

function lensKnown() {
  const box = make("input", { type: "checkbox", id: "known", checked: site.draft.is_lens_known });
  box.onchange = () => change((draft) => { draft.is_lens_known = box.checked; });
  return make("label", { className: "row" }, box, make("span", {}, "I know this, from a data sheet or a calibration"));
}

function circleButtons(photo) {
  const found = photo.circle?.circle;
  const middle = { cx: photo.width_px / 2, cy: photo.height_px / 2, radius: Math.max(photo.width_px, photo.height_px) / 2 };
  const place = (circle) => change((draft) => { draft.lens.circle_px = { ...circle }; });
  const buttons = make("div", { className: "buttons" });
  if (found) buttons.append(button("The circle that was found", () => place(found)));
  else buttons.append(button("Put a circle on the photo", () => place(middle)));
  return buttons;
}

function chooseLens(draft, model) {
  const { width_px: width, height_px: height, circle } = draft.photo;
  const round = circle?.circle ?? { cx: width / 2, cy: height / 2, radius: Math.max(width, height) / 2 };
  const focal = Math.round((round.radius / Math.PI) * 2);
  const axes = (scale) => ({ fx: scale, fy: scale, cx: width / 2 - 0.5, cy: height / 2 - 0.5 });
  const lenses = {
    fisheye_equidistant: { fov_deg: 180, circle_px: round },
    fisheye_equisolid: { fov_deg: 180, circle_px: round },
    fisheye_polynomial: { k1: focal, fov_deg: 180 },
    opencv_fisheye: { ...axes(focal), fov_deg: 180 },
    opencv_pinhole: axes(width / 2),
    perspective: { hfov_deg: draft.photo.focal_length?.hfov_deg ?? 90 },
  };
  draft.lens = { model, ...structuredClone(lenses[model]) };
  draft.is_lens_known = model.startsWith("opencv");
}

// --- size

function sizePanel(panel) {
  panel.append(make("h2", {}, "How large are things?"),
    text("Mark something whose size you know. The yellow figures are 1.75 m tall: they show whether it fits."));
  const buttons = Object.entries(MARKS).map(([kind, mark]) =>
    button(mark.title, () => startMark(kind), tool.kind === kind ? "is-on" : ""));
  panel.append(make("div", { className: "buttons" }, ...buttons));
  site.draft.marks.forEach((mark, k) => panel.append(markItem(mark, k)));
  panel.append(text("The mouse wheel over the photo looks closer; dragging moves it.", "note"));
  panel.append(otherPhotoPart(), mountPart(), typedPart());
}

function startMark(kind) {
  const mark = MARKS[kind];
  startTool(kind, 2, mark.words, ([start_px, end_px]) => change((draft) => {
    draft.marks.push({ kind, start_px, end_px, size_m: mark.size });
    delete draft.typed_pose;
  }));
  tell();
}

function markItem(mark, k) {
  const error = site.answer.errors_px[k];
  const onValue = (value) => change((draft) => { draft.marks[k].size_m = value ?? MARKS[mark.kind].size; });
  const words = site.answer.are_off[k] ? make("span", { className: "off" }, `${error.toFixed(0)} px off`) : "";
  return make("div", { className: "item" }, make("span", { className: "number" }, k + 1),
    make("span", { className: "grow" }, MARKS[mark.kind].title, " ", words),
    numberInput(mark.size_m, onValue, { min: 0.01, ariaLabel: `Size of mark ${k + 1} in metres` }), "m",
    button("Remove", () => change((draft) => draft.marks.splice(k, 1)), "plain"));
}

function otherPhotoPart() {
  const part = make("div", {}, make("h3", {}, "Nobody in the photo?"));
  if (otherPhoto) {
    const back = () => { otherPhoto = ""; showPicture("photo.jpg"); tell(); };
    part.append(text(`You see ${otherPhoto}.`), button("Back to the empty photo", back));
    return part;
  }
  const input = make("input", { type: "file", accept: "image/*", hidden: true, id: "other" });
  input.onchange = () => input.files[0] && openOther(input.files[0]);
  part.append(text("Open another photo of the same camera with somebody in it. It stays on this machine.", "note"), input,
    button("Open another photo", () => input.click()));
  return part;
}

async function openOther(file) {
  const { width_px: width, height_px: height } = site.draft.photo;
  try {
    const picture = await createImageBitmap(file);
    if (picture.width !== width || picture.height !== height)
      throw new Error(`${file.name} is ${picture.width} x ${picture.height} pixels, but the photo is ${width} x ${height}: it must be of the same camera, at the same size.`);
    showPicture(URL.createObjectURL(file));
    otherPhoto = file.name;
    site.error = "";
  } catch (error) {
    site.error = error.name === "InvalidStateError" ? `${file.name} is no photo that a browser can show.` : error.message;
  }
  tell();
}

function mountPart() {
  const choices = { auto: "Work it out", down: "It looks straight down", tilted: "It is tilted" };
  const select = make("select", { id: "mount", onchange: () => change((draft) => { draft.mount = select.value; }) },
    ...Object.entries(choices).map(([value, words]) => make("option", { value, selected: site.draft.mount === value }, words)));
  return make("div", {}, make("h3", {}, "How does the camera hang?"), select);
}

function typedPart() {
  const typed = site.draft.typed_pose;
  const box = make("input", { type: "checkbox", checked: Boolean(typed), id: "typed" });
  const { height_m = 2.8, tilt_deg = 0, roll_deg = 0 } = site.answer;
  const round = (value) => Math.round((value ?? 0) * 100) / 100;
  box.onchange = () => change((draft) => {
    if (box.checked) draft.typed_pose = { height_m: round(height_m ?? 2.8), tilt_deg: round(tilt_deg), roll_deg: round(roll_deg) };
    else delete draft.typed_pose;
  });
  const part = make("div", {}, make("label", { className: "row" }, box, make("span", {}, "I know the camera's height")));
  if (!typed) return part;
  const words = { height_m: "Height above the floor, in metres", tilt_deg: "Tilt: 0 straight down, 90 along the floor", roll_deg: "Turn about its axis, in degrees" };
  Object.entries(words).forEach(([name, title]) => part.append(row(title, numberInput(typed[name], (value) =>
    change((draft) => { draft.typed_pose[name] = value ?? 0; }), { id: name }))));
  part.append(text("The marks do not count while this is ticked.", "note"));
  return part;
}

// --- floor, tables

function floorPanel(panel) {
  const isDrawn = site.draft.floor_px.length > 0;
  panel.append(make("h2", {}, "Where may people stand?"), text(isDrawn
    ? "Drag corners to move them. Drag a faint point between two corners to add one. Double-click a corner to remove it."
    : "The dashed outline is a guess. Draw round the free floor: along the walls, round tables and cupboards."));
  const draw = () => {
    startTool("floor", 0, [ROUND], (points) => change((draft) => { draft.floor_px = points; }));
    tell();
  };
  const buttons = make("div", { className: "buttons" },
    button(isDrawn ? "Draw it anew" : "Draw the floor", draw, tool.kind === "floor" ? "is-on" : isDrawn ? "" : "main"));
  if (isDrawn) buttons.append(button("Remove it", () => change((draft) => { draft.floor_px = []; })));
  panel.append(buttons);
}

function tablesPanel(panel) {
  panel.append(make("h2", {}, "What hides people?"),
    text("Tables, counters, cupboards: draw round the top of each, as it is seen in the photo, not round its feet. Say how high the top is."));
  const draw = () => {
    startTool("table", 0, [ROUND], (points) => change((draft) => {
      draft.occluders.push({ name: "table", height_m: 0.74, polygon_px: points, is_solid: false });
    }));
    tell();
  };
  panel.append(make("div", { className: "buttons" }, button("Draw a table", draw, tool.kind === "table" ? "is-on" : "main")));
  site.draft.occluders.forEach((occluder, k) => panel.append(tableItem(occluder, k)));
  if (!site.draft.occluders.length) panel.append(text("Nothing in the way? Then go on.", "note"));
  panel.append(seatsPart());
}

function tableItem(occluder, k) {
  const set = (name, value) => change((draft) => { draft.occluders[k][name] = value; });
  const name = make("input", { type: "text", value: occluder.name, ariaLabel: `Name of ${k + 1}` });
  name.onchange = () => set("name", name.value || "table");
  const solid = make("input", { type: "checkbox", checked: occluder.is_solid });
  solid.onchange = () => set("is_solid", solid.checked);
  return make("div", { className: "item" }, make("span", { className: "number" }, k + 1), name,
    numberInput(occluder.height_m, (value) => set("height_m", value ?? 0.74), { min: 0.01, ariaLabel: `Height of ${k + 1} in metres` }), "m",
    button("Remove", () => change((draft) => draft.occluders.splice(k, 1)), "plain"),
    make("label", { className: "row" }, solid, "closed down to the floor, as a cupboard"));
}

// --- look

function lookPanel(panel) {
  panel.append(make("h2", {}, "Does it look right?"),
    text("The yellow figures are 1.75 m tall. Compare them with doors, chairs and tables near them. Do they stand upright, also at the rim?"),
    text("Then let real people be rendered over the photo. It takes half a minute to some minutes; you can go on meanwhile."));
  const isRunning = preview.state === "running";
  panel.append(make("div", { className: "buttons" },
    make("button", { id: "render", className: "main", onclick: render, disabled: isRunning || Boolean(site.error || site.answer.problem) },
      preview.state === "none" ? "Render people" : "Render other people")));
  if (isRunning) panel.append(text(`Rendering .. ${preview.seconds} s`));
  if (preview.state === "failed") panel.append(text(`It did not work: ${preview.message}`, "off"));
  if (preview.state === "done") {
    const picture = make("img", { src: `preview.jpg?${preview.number}`, alt: "Rendered people over the photo", id: "rendered" });
    picture.onclick = () => enlarge(picture.src);
    panel.append(picture, text("A click makes it larger. Too large or too small? Go back to Size.", "note"));
  }
}

function enlarge(address) {
  const dialog = document.getElementById("large");
  dialog.querySelector("img").src = address;
  dialog.onclick = () => dialog.close();
  dialog.showModal();
}

async function render() {
  try {
    await settled();
    Object.assign(preview, await ask("render", {}));
    follow();
  } catch (error) {
    Object.assign(preview, { state: "failed", message: error.message });
  }
  tell();
}

// Also after the page was loaded anew.
export async function follow() {
  try {
    Object.assign(preview, await ask("render"));
  } catch {
    return;
  }
  tell();
  if (preview.state === "running") setTimeout(follow, 1000);
}

// --- save

function savePanel(panel) {
  const { file, answer } = site;
  panel.append(make("h2", {}, "Save the site file"));
  if (file.is_saved) panel.append(text(`Saved as ${file.path}. The next command, in a terminal:`), make("pre", { className: "command" }, file.next));
  else if (file.is_foreign) panel.append(text(`${file.path} is there already and was not made on this page. It is kept unless you replace it.`));
  else panel.append(text(`It becomes ${file.path}.`));
  const isOff = Boolean(site.error || answer.problem) || file.is_saved;
  panel.append(make("div", { className: "buttons" }, make("button", { id: "save", className: "main", disabled: isOff,
    onclick: () => onSave(file.is_foreign) }, file.is_foreign ? "Replace it" : "Save")));
  if (saveError) panel.append(text(saveError, "off"));
  if (file.is_saved) panel.append(text("Done. Close this page and press Ctrl-C in the terminal, or go on changing things.", "note"));
  panel.append(make("details", {}, make("summary", {}, "What the file says"), make("pre", {}, file.text)),
    make("p", {}, button("Forget everything and begin anew", startAnew, "plain")));
}

async function onSave(replaces) {
  try {
    await save(replaces);
    saveError = "";
  } catch (error) {
    saveError = error.message;
  }
  tell();
}

function startAnew() {
  change((draft) => {
    Object.keys(draft).forEach((name) => delete draft[name]);
    Object.assign(draft, structuredClone(site.first));
  });
}

// Chairs of the photo, on which people sit first: two clicks each.

import { button, make, numberInput, text } from "./elements.js";
import { change, site, tell } from "./server.js";
import { startTool, tool } from "./photo.js";

const WORDS = ["Click the middle of the seat", "Now click a point before it, where the sitter looks"];

export function seatsPart() {
  const draw = () => {
    startTool("seat", 2, WORDS, ([position_px, ahead_px]) => change((draft) => {
      draft.seats.push({ position_px, ahead_px, height_m: 0.45 });
    }));
    tell();
  };
  const part = make("div", {}, make("h3", {}, "Which chairs are free?"),
    text("People sit on these first; for others a chair is rendered. Mark chairs that stand as they do when somebody sits on them."),
    make("div", { className: "buttons" }, button("Mark a chair", draw, tool.kind === "seat" ? "is-on" : "")));
  site.draft.seats.forEach((seat, k) => part.append(seatItem(seat, k)));
  return part;
}

function seatItem(seat, k) {
  const onValue = (value) => change((draft) => { draft.seats[k].height_m = value ?? 0.45; });
  return make("div", { className: "item" }, make("span", { className: "number" }, k + 1), make("span", { className: "grow" }, "A chair"),
    numberInput(seat.height_m, onValue, { min: 0.21, max: 0.99, ariaLabel: `Height of seat ${k + 1} in metres` }), "m",
    button("Remove", () => change((draft) => draft.seats.splice(k, 1)), "plain"));
}

// Parts of panels.

export function make(name, attributes = {}, ...children) {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children);
  return element;
}

export const text = (words, className = "") => make("p", { className }, words);
export const button = (words, onclick, className = "") => make("button", { onclick, className }, words);
export const row = (words, input) => make("label", { className: "row" }, make("span", {}, words), input);

export function numberInput(value, onValue, attributes = {}) {
  const input = make("input", { type: "number", step: "any", value: value ?? "", ...attributes });
  input.onchange = () => onValue(input.value === "" ? null : Number(input.value));
  return input;
}

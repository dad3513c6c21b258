// The draft as the server has it: loaded once, sent after every change, with the steps back.

export const site = {
  draft: null, answer: null, file: null, lenses: [], first: null, // as the server last said
  error: "", isLost: false,
};

const listeners = [];
const before = [];
const after = [];
let isSending = false;
let isWaiting = false;

export function onChange(listener) {
  listeners.push(listener);
}

export function tell() {
  listeners.forEach((listener) => listener());
}

export async function ask(path, content) {
  const options = content === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
  };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    site.isLost = true;
    tell();
    throw new Error("the command has ended");
  }
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

export async function load() {
  Object.assign(site, await ask("state"));
  tell();
}

// Remember the draft as it is, before a change that Undo takes back.
export function remember() {
  before.push(structuredClone(site.draft));
  after.length = 0;
}

// Change the draft, show it at once, and send it. A drag remembers where it began and changes many times.
export function change(edit, { isRemembered = true } = {}) {
  if (isRemembered) remember();
  edit(site.draft);
  send();
  tell();
}

export function undo() {
  swap(before, after);
}

export function redo() {
  swap(after, before);
}

export function canUndo() {
  return before.length > 0;
}

export function canRedo() {
  return after.length > 0;
}

function swap(from, to) {
  if (!from.length) return;
  to.push(site.draft);
  site.draft = from.pop();
  send();
  tell();
}

// One request at a time: while one is on its way, only the newest draft waits.
async function send() {
  isWaiting = true;
  if (isSending) return;
  isSending = true;
  while (isWaiting) {
    isWaiting = false;
    try {
      const { answer, file } = await ask("draft", site.draft);
      Object.assign(site, { answer, file, error: "" });
    } catch (error) {
      site.error = error.message;
    }
    isSending = isWaiting;
    tell();
  }
}

export function isKept() {
  return !isSending && !site.error;
}

// What is still on its way when the page is left goes all the same.
export function sendLast() {
  if (!isSending) return;
  const headers = { "Content-Type": "application/json" };
  fetch("draft", { method: "POST", headers, body: JSON.stringify(site.draft), keepalive: true });
}

export async function settled() {
  while (isSending) await new Promise((done) => setTimeout(done, 20));
}

export async function save(replaces) {
  await settled();
  const { answer, file } = await ask("save", { replaces });
  Object.assign(site, { answer, file });
  tell();
}

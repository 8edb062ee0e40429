// Examples that run: what is read is shown at once, what writes is shown first and asked for.
import { at, readKey } from "./api.js";

const TOLD = ["content-type", "etag", "link", "location", "x-total-count", "content-language", "retry-after", "idempotency-replayed"];
const MOST = 20000; // characters of an answer that are shown
const PATIENCE = 30000;

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function writeCurl(method, address, body) {
  const parts = [/[[{]/.test(address) ? "curl -g" : "curl"];
  if (method !== "GET") parts.push(`-X ${method}`);
  parts.push(quote(location.origin + address));
  if (body) parts.push("\\\n  -H 'Content-Type: application/json' -d", quote(body));
  return parts.join(" ");
}

const make = (name, given) => Object.assign(document.createElement(name), given);

// One try: its line, what it may do, and, once asked for, the address and body to be changed.
function startTry(box) {
  const { method } = box.dataset;
  const line = box.querySelector("code");
  const edited = make("div", { className: "edited", hidden: true });
  const address = make("input", { value: box.dataset.address, ariaLabel: `Address of ${method}`, spellcheck: false });
  const body = make("textarea", { value: box.dataset.body ?? "", ariaLabel: `Body of ${method} ${box.dataset.address}`, spellcheck: false });
  edited.append(address, ...("body" in box.dataset ? [body] : []));
  const open = () => { edited.hidden = false; address.focus(); };
  const run = button("Run", () => runTry(box, method, address, body.value, open));
  const tools = box.querySelector(".copies");
  tools.prepend(run, button("Edit", open));
  if (navigator.clipboard) tools.append(button("Copy", () => navigator.clipboard.writeText(line.textContent)));
  for (const each of [address, body]) each.addEventListener("input", () => (line.textContent = writeCurl(method, address.value, body.value)));
  address.addEventListener("keydown", (event) => event.key === "Enter" && run.click());
  box.append(edited);
}

function button(textContent, act) {
  const made = make("button", { type: "button", textContent });
  made.addEventListener("click", act);
  return made;
}

async function runTry(box, method, address, body, open) {
  const gap = address.value.match(/\{\w+\}/);
  if (gap) {
    open();
    address.setSelectionRange(gap.index, gap.index + gap[0].length);
    return tell(box, `Write what stands in place of ${gap[0]}.`);
  }
  // Of this server only: an address that begins with two slashes would be another's.
  const target = new URL(location.origin + at(address.value));
  if (method !== "GET" && !(await ask(method, address.value, body))) return;
  const headers = readKey() ? { Authorization: `Bearer ${readKey()}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  const began = performance.now();
  try {
    const response = await fetch(target, { method, headers, body: body || undefined, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const text = await response.text();
    tell(box, `${response.status} ${response.statusText}, ${Math.round(performance.now() - began)} ms, ${new Blob([text]).size.toLocaleString("en")} bytes`, response, text);
  } catch (error) {
    tell(box, `No answer: ${error.message}`);
  }
}

// Shows what would be sent; resolves to whether it shall be.
function ask(method, address, body) {
  const dialog = document.querySelector("#asked");
  dialog.querySelector("code").textContent = [`${method} ${address}`, ...(body ? ["Content-Type: application/json", "", body] : [])].join("\n");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "send"), { once: true }));
}

function tell(box, status, response = null, text = "") {
  box.querySelector(".answer")?.remove();
  const answer = make("div", { className: "answer", role: "status" });
  answer.classList.toggle("refused", !response?.ok);
  answer.append(make("b", { textContent: status }));
  box.append(answer);
  if (!response) return;
  const headers = make("dl");
  for (const name of TOLD.filter((each) => response.headers.has(each))) {
    const pair = make("div");
    pair.append(make("dt", { textContent: name }), make("dd", { textContent: response.headers.get(name) }));
    headers.append(pair);
  }
  answer.append(headers);
  if (text) answer.append(make("pre", { tabIndex: 0, textContent: shorten(lay(text, response)) }));
}

function lay(text, response) {
  if (!/[/+]json/.test(response.headers.get("content-type") ?? "")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const shorten = (text) => (text.length > MOST ? `${text.slice(0, MOST)}\n… and ${(text.length - MOST).toLocaleString("en")} characters more` : text);

for (const box of document.querySelectorAll(".try")) startTry(box);

// A parameter's example runs in the line of its operation.
for (const link of document.querySelectorAll(".example")) {
  link.addEventListener("click", (event) => {
    const box = link.closest(".operation").querySelector(".try");
    if (!box || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const address = box.querySelector("input");
    address.value = link.dataset.address;
    address.dispatchEvent(new Event("input"));
    box.querySelector("button").click();
    box.scrollIntoView({ block: "nearest" });
  });
}

// What is linked to is seen, even inside of what is closed.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.matches("details")) target.open = true;
}
window.addEventListener("hashchange", openTarget);
openTarget();

const search = document.querySelector("#q");
const pieces = [...document.querySelectorAll("[data-searched]")].map((piece) => [piece, piece.textContent.toLowerCase()]);
const sections = [...document.querySelectorAll(".articles > section")];
search.closest("label").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set();
  for (const [piece, text] of pieces) {
    piece.hidden = !words.every((word) => text.includes(word));
    if (!piece.hidden) shown.add(piece.id).add(piece.closest("section").id);
  }
  for (const section of sections) section.hidden = !shown.has(section.id);
  for (const link of document.querySelectorAll(".contents a")) link.closest("li").hidden = !shown.has(link.hash.slice(1));
  document.querySelector("#nothing").hidden = shown.size > 0;
});

// A form as a document: what `form-parts.html` draws, read back. Nothing written is a name that is absent.
import { _ } from "./words.js";

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

const textOf = (node) => node.querySelector("input, select").value;

export const partsOf = (node) =>
  [...node.querySelectorAll("[data-type]")].filter((each) => each.parentElement.closest("[data-type]") === node);

export const nameOf = (node) => (node.dataset.type === "pair" ? textOf(node) : node.dataset.name);

const READERS = {
  text: (node) => textOf(node).trim() || undefined,
  choice: (node) => textOf(node) || undefined,
  date: (node) => textOf(node).trim() || undefined,
  boolean: (node) => ({ yes: true, no: false })[textOf(node)],
  // What is no number goes as text: the API says so.
  number: (node) => toNumber(textOf(node).trim()) ?? (textOf(node).trim() || undefined),
  list: (node) => some(partsOf(node).map(read).filter((value) => value !== undefined)),
  object: (node) => {
    const members = partsOf(node).map((part) => [nameOf(part), read(part)]).filter(([, value]) => value !== undefined);
    return members.length ? Object.fromEntries(members) : undefined;
  },
  pair: (node) => (isEmpty(node) ? undefined : read(partsOf(node)[0])),
  any: (node) => readAny(...typed(node)),
};

export const read = (node) => READERS[node.dataset.type](node);

function toNumber(text) {
  return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

const some = (values) => (values.length ? values : undefined);

const typed = (node) => [node.querySelector("select").value, node.querySelector("input").value];

// What cannot be read is left as it is written; `findFaults` tells.
function readAny(type, text) {
  if (type === "number") return toNumber(text.trim()) ?? text;
  if (type === "json") return parse(text) ?? text;
  return type === "text" ? text : type === "yes";
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isEmpty = (pair) => !nameOf(pair) && typed(partsOf(pair)[0])[0] === "text" && !typed(partsOf(pair)[0])[1];

// A patch cannot tell null inside an object from what is to go.
function hasNull(value) {
  return value === null || (typeof value === "object" && !Array.isArray(value) && Object.values(value).some(hasNull));
}

// What no request could say, as the API tells faults; everything else is the API's to judge.
export function findFaults(form) {
  const faults = [];
  const names = new Set();
  for (const pair of form.querySelectorAll("[data-type=pair]")) {
    const name = nameOf(pair);
    const [type, text] = typed(partsOf(pair)[0]);
    const tell = (message) => faults.push({ field: name, node: pair, message });
    if (!name.trim()) tell(_("must have a name"));
    else if (names.has(name)) tell(_("is there already"));
    else if (type === "number" && toNumber(text.trim()) === undefined) tell(_("must be a number"));
    else if (type === "json" && parse(text) === undefined) tell(_("must be JSON, such as [1, 2]; a text has quotation marks there"));
    else if (type === "json" && text !== pair.querySelector("[data-type] input").defaultValue && hasNull(parse(text)))
      tell(_("must not contain null; leave out unknown values"));
    names.add(name);
  }
  return faults;
}

// Rows in which nothing is written go, so that the API counts the others as they stand.
export function dropEmptyRows(form) {
  for (const row of [...form.querySelectorAll(".rows > li")].reverse())
    if (read(row.querySelector("[data-type]")) === undefined) row.remove();
}

// The node that a path of the API's names, or the innermost one around it.
export function findNode(node, path) {
  if (!path || !["list", "object"].includes(node.dataset.type)) return node;
  const parts = partsOf(node).map((part, index) => [node.dataset.type === "list" ? String(index) : nameOf(part), part]);
  // A name may have dots in it, and another one before its dot.
  const found = parts.find(([name]) => path === name) ?? parts.find(([name]) => path.startsWith(`${name}.`));
  return found ? findNode(found[1], path.slice(found[0].length + 1)) : node;
}

// What people call the field at a path.
export function labelOf(form, path) {
  const labels = [];
  for (let node = findNode(form, path); node !== form; node = node.parentElement.closest("[data-type]"))
    labels.unshift(node.dataset.type === "pair" ? nameOf(node) : node.dataset.label);
  return labels.filter(Boolean).join(": ") || path.replace(/^extra\./, "");
}

// Rows are added and taken away; the focus stays where the hands are.
export function startRows(form) {
  form.addEventListener("click", ({ target }) => {
    const button = target.closest(".add, .remove");
    if (button?.matches(".add")) {
      const rows = button.closest("[data-type]").querySelector(":scope > .rows");
      rows.append(button.closest("[data-type]").querySelector(":scope > template").content.cloneNode(true));
      rows.lastElementChild.querySelector("input, select").focus();
    } else if (button) {
      const row = button.closest("li");
      const add = row.parentElement.parentElement.querySelector(":scope > .add");
      const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector(".remove") ?? add;
      row.remove();
      next.focus();
    }
  });
}

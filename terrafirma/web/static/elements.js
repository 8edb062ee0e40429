// Elements from what was read: text stays text, whatever is written in it.
import { _ } from "./words.js";

// A function among the attributes listens to the event of its name; true is an attribute without a value.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat());
  return element;
}

// A table from its headings and the cells of its rows; the first of each row names it. Each cell knows its heading,
// which a narrow page shows beside it.
export function makeTable(caption, headings, rows) {
  const head = make("tr", {}, headings.map((each) => make("th", { scope: "col" }, each)));
  const tell = (tag, cell, at, more) => make(tag, { "data-label": headings[at], ...more }, cell ?? "");
  const body = rows.map(([name, ...cells]) =>
    make("tr", {}, tell("th", name, 0, { scope: "row" }), cells.map((cell, at) => tell("td", cell, at + 1))),
  );
  const table = make("table", {}, make("caption", { class: "away" }, caption), make("thead", {}, head), make("tbody", {}, body));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table);
}

// A button that is put to use by what it does; meanwhile it cannot be pressed again.
export function makeButton(text, act, attributes = {}) {
  const click = async ({ currentTarget }) => {
    currentTarget.disabled = true;
    await act(currentTarget);
    currentTarget.disabled = false;
  };
  return make("button", { type: "button", click, ...attributes }, text);
}

const SIZES = ["bytes", "kB", "MB", "GB"];

export const tellNumber = (number) => number.toLocaleString(document.documentElement.lang);

export function tellSize(bytes) {
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const shown = bytes / 1000 ** step;
  return `${step ? tellNumber(Number(shown.toPrecision(3))) : shown} ${step ? SIZES[step] : _("bytes")}`;
}

export function tellSeconds(seconds) {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

// An instant as all pages write it: `31 January 2020, 09:50 UTC`; its exact spelling is what it is titled.
export function tellWhen(instant) {
  if (!instant) return "";
  const [lang, when, timeZone] = [document.documentElement.lang, new Date(instant), "UTC"];
  const day = when.toLocaleDateString(lang === "en" ? "en-GB" : `${lang}-u-nu-latn`, { dateStyle: "long", timeZone });
  // A narrow cell breaks it between day and time only.
  const parts = [`${day},`, " ", `${when.toISOString().slice(11, 16)} UTC`];
  return make("time", { datetime: instant, title: instant }, parts.map((part) => (part === " " ? part : make("span", {}, part))));
}

// What a value of a record looks like in a line.
export function tellValue(value) {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

// A refusal, read out as it appears; null takes the last one away.
export function tellRefusal(place, answer) {
  const details = (answer?.details ?? []).map((each) => make("li", {}, make("b", {}, each.field), ` ${each.message}`));
  place.replaceChildren(...(answer ? [make("p", {}, answer.error), details.length ? make("ul", {}, details) : ""] : []));
}

// What is copied by a press, as text and button.
export function makeCopy(text) {
  const copy = async (button) => {
    await navigator.clipboard.writeText(text);
    button.textContent = _("Copied");
  };
  return make("p", { class: "copied" }, make("code", { tabindex: "0" }, text), navigator.clipboard ? makeButton(_("Copy"), copy) : "");
}

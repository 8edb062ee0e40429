// Values that may be meant, asked of the API when a field is first come to.
import { callApi } from "./api.js";
import { make } from "./elements.js";

const lists = new Map();

export function startSuggestions(form) {
  form.addEventListener("focusin", ({ target }) => {
    const address = target.dataset.suggest;
    if (!address) return;
    if (!lists.has(address)) lists.set(address, makeList(address));
    target.setAttribute("list", lists.get(address));
  });
}

function makeList(address) {
  const list = make("datalist", { id: `suggested-${lists.size}` });
  document.body.append(list);
  callApi("GET", address).then(({ ok, body }) => {
    if (!ok) return;
    // Records by their codes, or the values that a field has.
    const found = Array.isArray(body) ? body.map(({ name, ...code }) => [Object.values(code)[0], name]) : Object.values(body)[0].map(({ value }) => [value, ""]);
    list.replaceChildren(...found.filter(([value]) => value).map(([value, label]) => make("option", { value, label: label || null })));
  });
  return list.id;
}

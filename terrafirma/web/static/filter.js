// "Add a filter": the field chosen says how it can be compared and, by the API's facets, which values it has how often.
import { _ } from "./words.js";

const MOST = 100;

export function startFilter(form) {
  const field = form.elements.add;
  const { how, value } = form.elements;
  const choices = new Map([...form.querySelectorAll("#add-fields option")].map((each) => [each.value, each]));
  const values = form.querySelector("#add-values");
  let asked = "";

  // A field may be named by its label too.
  function choose() {
    const typed = field.value.trim().toLowerCase();
    for (const [name, option] of choices) if (option.label.toLowerCase() === typed) field.value = name;
    const option = choices.get(field.value);
    field.setCustomValidity(field.value && !option ? _("Choose a field of the list.") : "");
    const fitting = option?.dataset.operators.split(" ");
    for (const each of how.options) each.hidden = each.disabled = fitting !== undefined && !fitting.includes(each.value);
    if (how.selectedOptions[0]?.disabled) how.value = "eq";
    compare();
    if (option && option.value !== asked) offer((asked = option.value));
  }

  function compare() {
    const without = ["exists", "lacks"].includes(how.value);
    value.disabled = without;
    value.required = !without;
  }

  async function offer(name) {
    values.replaceChildren();
    const address = new URL(form.dataset.facets, location.origin);
    for (const each of ["sort", "fields", "after", "limit", "count", "lang", "format", "shape"]) address.searchParams.delete(each);
    address.searchParams.set("field", name);
    address.searchParams.set("limit", MOST);
    const response = await fetch(address).catch(() => null);
    if (!response?.ok || name !== asked) return;
    for (const { value, count } of (await response.json())[name]) {
      const option = document.createElement("option");
      option.value = value;
      option.label = `${value} (${count.toLocaleString(document.documentElement.lang)})`;
      values.append(option);
    }
  }

  field.addEventListener("input", () => choices.has(field.value) && choose());
  field.addEventListener("change", choose);
  how.addEventListener("change", compare);
  compare();
}

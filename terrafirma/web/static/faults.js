// What the API says is wrong, each at its field.
import { findNode } from "./form.js";
import { make } from "./elements.js";

let count = 0;

// The sentence comes on top, with what belongs to no field here; the focus goes to the first field at fault.
export function showFaults(form, error, details) {
  const refused = document.querySelector("#refused");
  clearFaults(form);
  const lost = details.filter((each) => !showFault(form, each)).map((each) => make("li", {}, make("b", {}, each.field), ` ${each.message}`));
  refused.replaceChildren(error, lost.length ? make("ul", {}, ...lost) : "");
  (form.querySelector("[data-fault]") ?? refused).focus();
}

export function clearFaults(form) {
  document.querySelector("#refused").replaceChildren();
  for (const fault of form.querySelectorAll(".fault")) fault.remove();
  for (const each of form.querySelectorAll("[data-fault]")) {
    setDescription(each, each.dataset.fault);
    each.removeAttribute("aria-invalid");
    delete each.dataset.fault;
  }
}

function setDescription(input, ids) {
  if (ids) input.setAttribute("aria-describedby", ids);
  else input.removeAttribute("aria-describedby");
}

function showFault(form, { field, message, node = findNode(form, field) }) {
  if (node === form) return false;
  const input = node.querySelector("input, select") ?? node.querySelector("button");
  const fault = make("p", { class: "fault", id: `fault-${(count += 1)}` }, message);
  for (let around = node; around !== form; around = around.parentElement) {
    if (around.matches("details")) around.open = true;
    if (around.matches("section")) around.hidden = false;
  }
  const described = input.getAttribute("aria-describedby") ?? "";
  input.dataset.fault ??= described;
  if (!input.matches("button")) input.ariaInvalid = "true";
  setDescription(input, `${described} ${fault.id}`.trim());
  // A message about a row stands in it, one about a list above its rows.
  if (node.matches("fieldset")) node.querySelector("legend").after(fault);
  else node.append(fault);
  return true;
}

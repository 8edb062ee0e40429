// The form of a country's names in other languages: those that were changed are sent as one patch.
import { callApi } from "./api.js";
import { make, tellRefusal } from "./elements.js";
import { leaveNotice } from "./notice.js";
import { mayWrite } from "./rights.js";
import { _ } from "./words.js";

const form = document.querySelector("#names");
const refused = document.querySelector("#refused");
const known = form.querySelector("#known");
const { address, match, page } = form.dataset;
let leaving = false;

const inputs = () => [...known.querySelectorAll("input")];
const changed = () => inputs().filter((input) => input.value.trim() !== input.defaultValue);
const patch = (read) => Object.fromEntries(changed().map((input) => [input.name, read(input) || null]));

function refuse(answer) {
  tellRefusal(refused, answer);
  for (const input of inputs()) input.ariaInvalid = answer.details?.some(({ field }) => field === input.name) ? "true" : null;
  refused.focus();
}

async function save(event) {
  event.preventDefault();
  if (!changed().length) return refuse({ error: _("There are no changes yet.") });
  const answer = await callApi("PATCH", address, { body: patch((input) => input.value.trim()), headers: { "If-Match": `"${match}"` } });
  if (!answer.ok) return refuse(answer);
  leaving = true;
  const undo = { method: "PATCH", path: address, body: patch((input) => input.defaultValue), match: answer.etag };
  leaveNotice(_("The names are saved."), [undo]);
  location.assign(page);
}

// A name in a language that has none yet; of one that has, its name.
function add() {
  const tag = form.querySelector("#tag");
  const name = tag.value.trim();
  if (!name) return tag.focus();
  let input = inputs().find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (!input) {
    input = make("input", { name, dir: "auto", maxlength: 500 });
    known.append(make("label", {}, make("small", {}, name), input));
  }
  input.closest("label").hidden = false;
  tag.value = "";
  input.focus();
}

function narrow({ target }) {
  const text = target.value.trim().toLowerCase();
  for (const input of inputs()) {
    const label = input.closest("label");
    label.hidden = !`${label.textContent} ${input.value}`.toLowerCase().includes(text);
  }
}

if (await mayWrite(["names", "country"])) {
  form.hidden = false;
  form.addEventListener("submit", save);
  form.querySelector("#narrow").addEventListener("input", narrow);
  form.querySelector("#add").addEventListener("click", add);
  form.querySelector("#tag").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  });
  window.addEventListener("beforeunload", (event) => !leaving && changed().length && event.preventDefault());
}

// What every admin page begins with: whether whoever looks at it may use it, and if not, why.
import { at, readKey } from "./api.js";
import { make } from "./elements.js";
import { me, nameOf } from "./header.js";
import { _ } from "./words.js";

const RANKS = ["reader", "editor", "admin"];

const mayBe = (role, needed) => RANKS.indexOf(role) >= RANKS.indexOf(needed);

// The page's part for those who may, and who they are. Never goes on for others: they are told why.
export async function enter() {
  const answer = await me;
  const admin = document.querySelector("#admin");
  if (answer.ok && mayBe(answer.body.role, admin.dataset.role)) {
    admin.hidden = false;
    return { admin, who: answer.body };
  }
  document.querySelector("#reason").textContent = tellReason(answer, admin.dataset.role);
  document.querySelector("#barred").hidden = false;
  return new Promise(() => {});
}

function tellReason({ ok, error, body }, needed) {
  if (!ok) return error;
  if (!body.actor) return _("This takes the role %(needed)s, and you are not signed in.", { needed: _(needed) });
  return _("This takes the role %(needed)s, and %(name)s has the role %(role)s.", { needed: _(needed), name: nameOf(body), role: _(body.role ?? "no role") });
}

// What of the register a key that was narrowed may write, in a sentence; empty for everything.
export function tellScope({ kinds, countries }) {
  const parts = [kinds && _("Your key writes only these kinds: %(kinds)s.", { kinds: kinds.join(", ") }), countries && _("Your key writes only records of %(countries)s.", { countries: countries.join(", ") })];
  return parts.filter(Boolean).join(" ");
}

// A link to a file of the API: plain for a session; where a key is kept, it is fetched with that and then saved.
export function makeDownload(text, path, name) {
  const fetchFirst = async (event) => {
    if (!readKey()) return;
    event.preventDefault();
    const response = await fetch(at(path), { headers: { Authorization: `Bearer ${readKey()}` } });
    if (!response.ok) return (link.textContent = (await response.json()).error);
    const address = URL.createObjectURL(await response.blob());
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  const link = make("a", { href: at(path), download: name, click: fetchFirst }, text);
  return link;
}

// A question before what cannot be undone.
export function confirmed(question, deed = _("Continue")) {
  const dialog = make("dialog", {}, make("form", { method: "dialog" }, make("p", {}, question)));
  const buttons = [make("button", { value: "", autofocus: true }, _("Cancel")), make("button", { value: "yes", class: "danger" }, deed)];
  dialog.firstChild.append(make("p", { class: "buttons" }, buttons));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

// A form's fields that say something, by name.
export function readForm(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string" && value.trim() !== ""));
}


// What every admin page begins with: whether whoever looks at it may use it, and if not, why.
import { at, readKey } from "./api.js";
import { make } from "./elements.js";
import { me, nameOf } from "./header.js";

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
  const are = body.actor ? `${nameOf(body)} has the role ${body.role ?? "of nobody"}` : "nobody is signed in";
  return `This takes the role ${needed}, and ${are}.`;
}

// What of the register a key that was narrowed may write, in a sentence; empty for everything.
export function tellScope({ kinds, countries }) {
  const parts = [kinds && `records of the kinds ${kinds.join(", ")}`, countries && `what belongs to ${countries.join(", ")}`];
  const told = parts.filter(Boolean).join(", and of those only ");
  return told && `You write ${told}; more than that is refused when it is committed.`;
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
export function confirmed(question, deed = "Continue") {
  const dialog = make("dialog", {}, make("form", { method: "dialog" }, make("p", {}, question)));
  const buttons = [make("button", { value: "", autofocus: true }, "Cancel"), make("button", { value: "yes", class: "danger" }, deed)];
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


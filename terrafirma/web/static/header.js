// The header: who you are here, what you may do, and menus that close when you look elsewhere.
import { callApi, keepKey } from "./api.js";
import { make } from "./elements.js";
import { startFind } from "./find.js";
import { _ } from "./words.js";

// Who the API takes this page for, asked once a page.
export const me = callApi("GET", "/me");

const RANKS = ["reader", "editor", "admin"];
const openMenus = () => [...document.querySelectorAll("header details[open], .tools > details[open]")];

document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && openMenus()[0];
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A session ends at the server; a key is only forgotten.
export async function signOut() {
  keepKey("");
  const { body } = await callApi("GET", "/me");
  if (body?.actor?.startsWith("person:")) await callApi("POST", "/logout");
  location.reload();
}

// What someone is called, in a few words.
export function nameOf({ actor, name }) {
  return name ?? (actor === "local" ? _("This machine") : actor);
}

async function tellWho() {
  const { ok, status, body } = await me;
  const who = document.querySelector("#who");
  if (status === 401) {
    who.replaceChildren(_("Key not valid"), make("button", { type: "button", click: signOut }, _("Forget it")));
  } else if (ok && body.actor) {
    const told = make("span", { title: body.actor }, make("b", {}, nameOf(body)), ` ${_(body.role)}`);
    const link = make("a", { href: who.querySelector("a").getAttribute("href") }, told);
    who.replaceChildren(link, body.actor === "local" ? "" : make("button", { type: "button", click: signOut }, _("Sign out")));
  }
}

// Buttons that this reader may not use are not shown.
export async function showRights(root = document) {
  const { ok, body } = await me;
  const rank = ok ? RANKS.indexOf(body.role) : -1;
  for (const each of root.querySelectorAll("[data-needs]")) each.hidden = rank < RANKS.indexOf(each.dataset.needs);
}

tellWho();
showRights();
startFind(document.querySelector(".find"));

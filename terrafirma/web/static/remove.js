// A record is deleted after a question, and with what names it after another one; all of it can be brought back.
import { callApi } from "./api.js";
import { make } from "./elements.js";
import { showFaults } from "./faults.js";
import { leaveNotice } from "./notice.js";
import { ask } from "./review.js";
import { _ } from "./words.js";

export function startRemoval(form, base, leave) {
  const button = document.querySelector("#remove");
  button?.addEventListener("click", async () => {
    const plurals = JSON.parse(button.dataset.plurals);
    const before = await callApi("GET", "/checkpoint");
    const answer = await remove(form.dataset.address, base.match, button.dataset.name);
    if (!answer) return;
    if (!answer.ok) return showFaults(form, answer.error, answer.details);
    leave();
    const undo = await listUndoing(before.body.entries, form.dataset.address, plurals);
    leaveNotice(_("%(name)s is deleted.", { name: button.dataset.name }), undo, location.pathname.replace(/\/edit$/, ""));
    location.assign(form.dataset.page.replace(/.$/, ""));
  });
}

// The API's answer, or null where someone thought better of it.
async function remove(address, match, name) {
  const headers = { "If-Match": `"${match}"` };
  const told = make("p", {}, _("Its history stays, and it can be brought back."));
  if (!(await ask(_("Delete %(name)s?", { name }), [told], [[_("Delete"), "delete"]]))) return null;
  const answer = await callApi("DELETE", address, { headers });
  if (answer.status !== 409) return answer;
  const named = make("p", {}, answer.error.split(". ")[0], ".");
  const all = await ask(_("Delete records that name %(name)s too?", { name }), [named], [[_("Delete all of it"), "delete"]]);
  return all && callApi("DELETE", `${address}?dependents=remove`, { headers });
}

// What brings back all that went in one go, in the order that lets each find what it names.
async function listUndoing(since, address, plurals) {
  const { body } = await callApi("GET", `/entries?since=${since}`);
  const deleted = body.filter(({ action, kind }) => action === "delete" && kind in plurals);
  const place = ({ kind, id }) => `/${plurals[kind]}/${id}`;
  const { at } = deleted.find((entry) => place(entry) === address);
  const gone = deleted.filter((entry) => entry.at === at).reverse();
  return gone.map((entry) => ({ method: "POST", path: `${place(entry)}/revert`, body: { entry: entry.number } }));
}

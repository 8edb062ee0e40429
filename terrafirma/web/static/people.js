// The page of people: who signed in, kept out and let in again.
import { callApi } from "./api.js";
import { confirmed, enter } from "./admin.js";
import { make, makeButton, makeTable, tellRefusal, tellWhen } from "./elements.js";
import { _ } from "./words.js";

const { admin, who } = await enter();
const place = admin.querySelector("#people");
const refusal = admin.querySelector(".refusal");

async function send(method, path) {
  const answer = await callApi(method, path);
  tellRefusal(refusal, answer.ok ? null : answer);
  if (answer.ok) await showPeople();
}

async function keepOut(person, called) {
  const own = who.actor === `person:${person.id}` ? ` ${_("That is you.")}` : "";
  if (await confirmed(_("Keep %(name)s out? Their sessions end at once.", { name: called }) + own)) await send("DELETE", `/people/${person.id}`);
}

function tellPerson(person) {
  const called = person.name ?? person.email ?? _("person %(id)s", { id: person.id });
  const action = person.blocked
    ? makeButton(_("Admit"), () => send("POST", `/people/${person.id}/admit`), { "aria-label": _("Admit %(name)s", { name: called }) })
    : makeButton(_("Keep out"), () => keepOut(person, called), { "aria-label": _("Keep %(name)s out", { name: called }) });
  const state = person.blocked ? make("span", {}, `${_("kept out since")} `, tellWhen(person.blocked)) : person.role ? _(person.role) : _("no role any more");
  return [called, person.email ?? _("forgotten"), state, tellWhen(person.created), tellWhen(person.seen), action];
}

async function showPeople() {
  const { ok, body, ...answer } = await callApi("GET", "/people");
  if (!ok) return tellRefusal(refusal, answer);
  const table = makeTable(_("People"), [_("Name"), _("Address"), _("Role"), _("First signed in"), _("Last signed in"), _("Actions")], body.map(tellPerson));
  place.replaceChildren(body.length ? table : make("p", { class: "empty" }, _("There are no sign-ins yet.")));
}

showPeople();

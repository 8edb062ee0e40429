// The page of people: who signed in, kept out and let in again.
import { callApi } from "./api.js";
import { confirmed, enter } from "./admin.js";
import { make, makeButton, makeTable, tellRefusal, tellWhen } from "./elements.js";

const { admin, who } = await enter();
const place = admin.querySelector("#people");
const refusal = admin.querySelector(".refusal");

async function send(method, path) {
  const answer = await callApi(method, path);
  tellRefusal(refusal, answer.ok ? null : answer);
  if (answer.ok) await showPeople();
}

async function keepOut(person, called) {
  const own = who.actor === `person:${person.id}` ? " That is you." : "";
  if (await confirmed(`Keep ${called} out? Their sessions end at once.${own}`)) await send("DELETE", `/people/${person.id}`);
}

function tellPerson(person) {
  const called = person.name ?? person.email ?? `person ${person.id}`;
  const action = person.blocked
    ? makeButton("Admit", () => send("POST", `/people/${person.id}/admit`), { "aria-label": `Admit ${called}` })
    : makeButton("Keep out", () => keepOut(person, called), { "aria-label": `Keep ${called} out` });
  const state = person.blocked ? make("span", {}, "kept out since ", tellWhen(person.blocked)) : (person.role ?? "no role any more");
  return [called, person.email ?? "forgotten", state, tellWhen(person.created), tellWhen(person.seen), action];
}

async function showPeople() {
  const { ok, body, ...answer } = await callApi("GET", "/people");
  if (!ok) return tellRefusal(refusal, answer);
  const table = makeTable("People", ["Name", "Address", "May", "First signed in", "Last signed in", "Actions"], body.map(tellPerson));
  place.replaceChildren(body.length ? table : make("p", { class: "empty" }, "Nobody has signed in yet."));
}

showPeople();

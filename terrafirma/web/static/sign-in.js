// Sign-in: a key is tried out before it is kept; whoever is known is told so.
import { callApi, isRemembered, keepKey, readKey } from "./api.js";
import { make, tellRefusal } from "./elements.js";
import { me, nameOf } from "./header.js";

const form = document.querySelector("#key");
const refusal = document.querySelector(".refusal");
form.hidden = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  tellRefusal(refusal, null);
  const before = readKey();
  const remembered = isRemembered();
  keepKey(form.elements.key.value.trim(), form.elements.remember.checked);
  const answer = readKey() ? await callApi("GET", "/me") : { ok: false, error: "This is no key." };
  if (answer.ok) return location.assign(form.dataset.next);
  keepKey(before, remembered);
  tellRefusal(refusal, answer);
  form.elements.key.select();
});

const { ok, body } = await me;
if (ok && body.actor) {
  const known = document.querySelector("#known");
  const where = body.actor === "local" ? "No key is needed on the server's own machine until the first one is made." : `The log calls you ${body.actor}.`;
  known.replaceChildren(make("p", {}, "You are ", make("b", {}, nameOf(body)), `, with the role ${body.role}. ${where}`));
  known.append(make("p", {}, make("a", { href: form.dataset.next }, "Go on")));
  known.hidden = false;
}

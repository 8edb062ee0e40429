// Sign-in: a key is tried out before it is kept; whoever is known is told so.
import { callApi, isRemembered, keepKey, readKey } from "./api.js";
import { make, tellRefusal } from "./elements.js";
import { me, nameOf } from "./header.js";
import { _, pieces } from "./words.js";

const form = document.querySelector("#key");
const refusal = document.querySelector(".refusal");
form.hidden = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  tellRefusal(refusal, null);
  const before = readKey();
  const remembered = isRemembered();
  keepKey(form.elements.key.value.trim(), form.elements.remember.checked);
  const answer = readKey() ? await callApi("GET", "/me") : { ok: false, error: _("This is no key.") };
  if (answer.ok) return location.assign(form.dataset.next);
  keepKey(before, remembered);
  tellRefusal(refusal, answer);
  form.elements.key.select();
});

const { ok, body } = await me;
if (ok && body.actor) {
  const known = document.querySelector("#known");
  const where = body.actor === "local" ? _("No key is needed on the server's own machine until the first key is made.") : _("The log calls you %(actor)s.", { actor: body.actor });
  known.replaceChildren(make("p", {}, ...pieces("You are %(name)s, with the role %(role)s.", { name: make("b", {}, nameOf(body)), role: _(body.role) }), ` ${where}`));
  known.append(make("p", {}, make("a", { href: form.dataset.next }, _("Continue"))));
  known.hidden = false;
}

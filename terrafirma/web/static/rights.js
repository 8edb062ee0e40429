// Whether this page's reader may write records of a kind; if not, the page says how to be let in.
import { me } from "./header.js";
import { _ } from "./words.js";

export async function mayWrite(kind) {
  const { ok, body, error } = await me;
  const fits = ok && (!body.kinds || body.kinds.includes(kind));
  if (fits && ["editor", "admin"].includes(body.role)) return true;
  const place = document.querySelector("#rights");
  place.hidden = false;
  place.querySelector("p").textContent = tellWhy(ok, body, fits, error);
  return false;
}

function tellWhy(ok, body, fits, error) {
  if (!ok) return error;
  if (!fits) return _("Your key writes only these kinds: %(kinds)s.", { kinds: body.kinds.join(", ") });
  if (!body.actor) return _("This takes the role %(needed)s, and you are not signed in.", { needed: _("editor") });
  return _("This takes the role %(needed)s, and %(name)s has the role %(role)s.", { needed: _("editor"), name: body.actor, role: _(body.role ?? "no role") });
}

// Whether this page's reader may write records of a kind, or of any of several; if not, the page says how to be let in.
import { me } from "./header.js";
import { _ } from "./words.js";

export async function mayWrite(kind) {
  const { ok, body, error } = await me;
  const fits = ok && (!body.kinds || [kind].flat().some((each) => body.kinds.includes(each)));
  const place = document.querySelector("#rights");
  const needed = place.dataset.role;
  if (fits && [needed, "admin"].includes(body.role)) return true;
  place.hidden = false;
  place.querySelector("p").textContent = tellWhy(ok, body, fits, error, needed);
  return false;
}

function tellWhy(ok, body, fits, error, needed) {
  if (!ok) return error;
  if (!fits) return _("Your key writes only these kinds: %(kinds)s.", { kinds: body.kinds.join(", ") });
  if (!body.actor) return _("This takes the role %(needed)s, and you are not signed in.", { needed: _(needed) });
  return _("This takes the role %(needed)s, and %(name)s has the role %(role)s.", { needed: _(needed), name: body.actor, role: _(body.role ?? "no role") });
}

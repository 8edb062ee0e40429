// Whether this page's reader may write records of a kind; if not, the page says how to be let in.
import { me } from "./header.js";

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
  if (!fits) return `What you may write here is ${body.kinds.join(" and ")}, and nothing else.`;
  return `Writing takes the role editor; ${body.actor ? `${body.actor} has the role ${body.role}` : "nobody has signed in here"}.`;
}

// The page of the audit log: a page of lines at a time.
import { callApi } from "./api.js";
import { enter } from "./admin.js";
import { make, makeTable, tellRefusal, tellValue, tellWhen } from "./elements.js";
import { _ } from "./words.js";

const PAGE = 100;

const { admin } = await enter();
const place = admin.querySelector("#lines");
const { since } = admin.querySelector("#since").elements;

// The hash of a line is for programs; `terrafirma verify` compares it.
const tellDetails = (details) => Object.entries(details).filter(([name]) => name !== "row_hash").map(([name, value]) => `${name}: ${tellValue(value)}`).join(", ");

function tellLine(line) {
  const personal = line.personal === null ? _("forgotten") : tellDetails(line.personal ?? {});
  return [String(line.number), tellWhen(line.at), line.event, line.actor ?? "–", line.about ?? "", tellDetails(line.details), personal];
}

function linkNext(headers, lines) {
  if (!headers.get("Link")?.includes('rel="next"')) return "";
  return make("p", {}, make("a", { rel: "next", href: `?since=${lines.at(-1).number}` }, _("Later lines")));
}

since.value = new URLSearchParams(location.search).get("since") ?? 0;
const { ok, body, headers, ...answer } = await callApi("GET", `/audit?since=${encodeURIComponent(since.value)}&limit=${PAGE}`);
if (ok && body.length) {
  const table = makeTable(_("Audit log"), [_("Line"), _("When"), _("Action"), _("Person"), _("About"), _("Details"), _("Personal data")], body.map(tellLine));
  place.replaceChildren(table, linkNext(headers, body));
} else if (ok) {
  place.replaceChildren(make("p", { class: "empty" }, _("No line comes after that.")));
} else {
  tellRefusal(admin.querySelector(".refusal"), answer);
}

// Back to an entry: what the page has shown is done, and nothing else.
import { callApi } from "./api.js";
import { leaveNotice } from "./notice.js";
import { mayWrite } from "./rights.js";
import { _ } from "./words.js";

const button = document.querySelector("#revert");
const way = () => document.querySelector("#way").dataset;

async function revert() {
  const { address, entry, last, match, page } = way();
  const body = { entry: Number(entry) };
  const answer = await callApi("POST", `${address}/revert`, { body, headers: match ? { "If-Match": `"${match}"` } : {} });
  if (answer.status === 412) return showAnew();
  if (!answer.ok) return tell([answer.error, ...answer.details.map(({ field, message }) => `${field} ${message}.`)].join(" "));
  const undo = match ? { method: "POST", path: `${address}/revert`, body: { entry: Number(last) } } : { method: "DELETE", path: address };
  leaveNotice(_("Saved as entry %(number)s.", { number: answer.etag.slice(1).split(".")[0] }), [{ ...undo, match: answer.etag }], match ? null : "/explore");
  location.assign(page);
}

// Someone was faster: what going back would change now takes the place of what it would have changed.
async function showAnew() {
  const { ok, body, error } = await callApi("GET", location.href, { headers: { Accept: "text/html" } });
  if (!ok) return tell(error);
  const fresh = new DOMParser().parseFromString(body, "text/html").querySelector("#way");
  document.querySelector("#way").replaceWith(document.adoptNode(fresh));
  tell(_("Someone has changed this record since you opened the page. Below are the changes that going back makes now."));
}

function tell(text) {
  const refused = document.querySelector("#refused");
  refused.textContent = text;
  refused.focus();
}

if (button && (await mayWrite(way().kind))) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    await revert();
    button.disabled = false;
  });
}

// What was just done, told on the page that comes next, and how it is undone: requests for the API, one after another.
import { callApi } from "./api.js";
import { make, makeButton } from "./elements.js";
import { _ } from "./words.js";

const KEPT = "terrafirma-notice";

// `undo` is a list of `{ method, path, body, match }`; `home` is where to go where the page itself goes with it.
export function leaveNotice(text, undo = [], home = null) {
  sessionStorage.setItem(KEPT, JSON.stringify({ text, undo, home }));
}

export function showNotice() {
  const { text, undo, home } = JSON.parse(sessionStorage.getItem(KEPT));
  sessionStorage.removeItem(KEPT);
  const told = make("span", {}, text);
  const notice = make("p", { class: "notice", role: "status" });
  document.querySelector("main").prepend(notice);
  const button = makeButton(_("Undo"), async () => {
    const refusal = await send(undo);
    if (refusal) {
      told.textContent = `${text} ${_("It cannot be undone now: %(reason)s", { reason: refusal })}`;
      return button.remove();
    }
    leaveNotice(_("Undone."));
    if (home) location.assign(home);
    else location.reload();
  });
  // Said after it is there, so that it is read out.
  notice.append(told, ...(undo.length ? [" ", button] : []));
}

async function send(requests) {
  for (const { method, path, body, match } of requests) {
    const answer = await callApi(method, path, { body, headers: match ? { "If-Match": match } : {} });
    if (!answer.ok) return answer.error;
  }
  return null;
}

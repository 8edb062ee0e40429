// A deleted record is brought back, with what was deleted together with it.
import { callApi } from "./api.js";
import { leaveNotice } from "./notice.js";
import { mayWrite } from "./rights.js";
import { _ } from "./words.js";

const button = document.querySelector("#restore");
const { kind, name, undo } = button.dataset;

if (await mayWrite(kind)) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const requests = JSON.parse(undo);
    for (const [index, { method, path, body }] of requests.entries()) {
      const answer = await callApi(method, path, { body });
      if (answer.ok) continue;
      const refused = document.querySelector("#refused");
      refused.textContent = _("%(done)s of %(all)s records are back; then the register refused: %(reason)s", { done: index, all: requests.length, reason: answer.error });
      refused.focus();
      return (button.disabled = false);
    }
    leaveNotice(_("%(name)s is back.", { name }));
    location.reload();
  });
}

// A deleted record is brought back, with what was deleted together with it.
import { callApi } from "./api.js";
import { leaveNotice } from "./notice.js";
import { mayWrite } from "./rights.js";

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
      refused.textContent = `${index} of ${requests.length} records are back; then the register refused: ${answer.error}`;
      refused.focus();
      return (button.disabled = false);
    }
    leaveNotice(`${name} is back.`);
    location.reload();
  });
}

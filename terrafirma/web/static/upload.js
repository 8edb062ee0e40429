// A file sent to the API, telling how far it is, which fetch does not.
import { at, readKey } from "./api.js";
import { _ } from "./words.js";

const LOST = _("The file was not sent whole: the server cannot be reached, or ended the connection.");

// Answers as callApi does, and a way to stop.
export function sendFile(path, file, tell) {
  const request = new XMLHttpRequest();
  const answered = new Promise((resolve) => {
    const lose = () => resolve({ ok: false, status: 0, error: request.stopped ? _("The upload was stopped.") : LOST });
    request.upload.addEventListener("progress", ({ loaded, total }) => tell(loaded, total));
    request.addEventListener("error", lose);
    request.addEventListener("abort", lose);
    request.addEventListener("load", () => resolve(readAnswer(request)));
  });
  request.open("POST", at(path));
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Accept", "application/json");
  if (readKey()) request.setRequestHeader("Authorization", `Bearer ${readKey()}`);
  request.send(file);
  const stop = () => {
    request.stopped = true;
    request.abort();
  };
  return { answered, stop };
}

function readAnswer({ status, responseText }) {
  const ok = status >= 200 && status < 300;
  try {
    const body = JSON.parse(responseText);
    return { ok, status, body, error: body.error, details: body.details ?? [] };
  } catch {
    return { ok: false, status, body: null, error: _("The server answered %(status)s.", { status }), details: [] };
  }
}

// One way to the API for every page, with whatever rights the page has: its session, or a key that was given to it.
import { _ } from "./words.js";

const KEPT = "terrafirma-key";
const UNREACHED = _("The server cannot be reached. Nothing is known to have been changed.");
const BASE = document.documentElement.dataset.base ?? "";

// An address of this server, below the prefix that a proxy gives it.
export const at = (path) => (BASE && path.startsWith("/") && !path.startsWith(`${BASE}/`) ? BASE + path : path);

export const readKey = () => sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT) ?? "";
export const isRemembered = () => localStorage.getItem(KEPT) !== null;

// Kept until the tab closes, or on this device until it is forgotten. An empty key is forgotten. Characters that no
// header can hold are left out; the server then refuses the key.
export function keepKey(key, remembered = false) {
  const plain = key.replace(/[^\x21-\x7e]/g, "");
  sessionStorage.removeItem(KEPT);
  localStorage.removeItem(KEPT);
  if (plain) (remembered ? localStorage : sessionStorage).setItem(KEPT, plain);
}

// A body becomes JSON, unless it is a Blob or a form. Answers `{ status, ok, headers, etag, body }`, and of a refusal
// `{ error, details }` too: a sentence, and what is wrong with which field. Never throws; unanswered, status is 0.
export async function callApi(method, path, { body, headers = {} } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (readKey()) sent.Authorization = `Bearer ${readKey()}`;
  const raw = body === undefined || body instanceof Blob || body instanceof FormData;
  if (!raw) sent["Content-Type"] ??= "application/json";
  try {
    const response = await fetch(at(path), { method, headers: sent, body: raw ? body : JSON.stringify(body), cache: "no-store" });
    return await readAnswer(response);
  } catch {
    return { status: 0, ok: false, headers: new Headers(), etag: null, body: null, error: UNREACHED, details: [] };
  }
}

async function readAnswer(response) {
  const { status, ok, headers } = response;
  const text = await response.text();
  const body = headers.get("Content-Type")?.startsWith("application/json") && text ? JSON.parse(text) : text;
  const answer = { status, ok, headers, etag: headers.get("ETag"), body };
  if (ok) return answer;
  return { ...answer, error: body?.error ?? _("The server answered %(status)s.", { status }), details: body?.details ?? [] };
}

// What a page gains with JavaScript; all of it can be read without.
import { startFilter } from "./filter.js";
import { startMap } from "./map.js";

const search = document.querySelector("#q");
const table = document.querySelector("#table");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    search?.focus();
  }
});

// Lines name the server as its settings do; here it is known how it was reached.
const localise = (text) => text.replaceAll(document.documentElement.dataset.origin, location.origin);

for (const each of document.querySelectorAll(".origin")) each.textContent = localise(each.textContent);

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const said = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(localise(button.dataset.copy));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = said), 1500);
  });
}

const day = document.querySelector("#day");
if (day) {
  const links = [...document.querySelectorAll(".days a")];
  const here = links.findIndex((link) => link.ariaCurrent);
  day.closest("label").hidden = false;
  day.value = here < 0 ? links.length - 1 : here;
  const say = () => day.setAttribute("aria-valuetext", links[day.value].textContent);
  say();
  day.addEventListener("input", say);
  day.addEventListener("change", () => location.assign(links[day.value].href));
}

if (sessionStorage.getItem("terrafirma-notice")) import("./notice.js").then(({ showNotice }) => showNotice());

const raw = document.querySelector("#raw");
raw?.addEventListener("toggle", async () => {
  const response = await fetch(raw.querySelector("a").href, { headers: { Accept: "application/json" } });
  raw.querySelector("pre").textContent = JSON.stringify(await response.json(), null, 2);
}, { once: true });

const map = document.querySelector("#map") ? startMap(document.querySelector("#map")) : null;

const added = document.querySelector("details.add form");
if (added) startFilter(added);

// Accents and case apart, as the register's own search has it.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

if (search && table) {
  const rows = [...table.tBodies[0].rows].map((row) => [row, plain(row.textContent)]);
  search.addEventListener("input", () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const shown = new Set();
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown.add(row.dataset.id);
    }
    map?.find(words.length ? shown : null);
  });
}

for (const row of table?.tBodies[0].rows ?? []) {
  row.addEventListener("mouseenter", () => map?.mark(row.dataset.id));
  row.addEventListener("mouseleave", () => map?.mark(null));
}

// What a page gains with JavaScript; all of it can be read without.
import { showRights } from "./header.js";
import { startFilter } from "./filter.js";
import { startMap } from "./map.js";
import { startNavigation } from "./navigate.js";

// Lines name the server as its settings do; here it is known how it was reached.
const localise = (text) => text.replaceAll(document.documentElement.dataset.origin, location.origin);

function startCopies(root) {
  for (const each of root.querySelectorAll(".origin")) each.textContent = localise(each.textContent);
  for (const button of navigator.clipboard ? root.querySelectorAll("[data-copy]") : []) {
    button.hidden = false;
    const said = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(localise(button.dataset.copy));
      button.textContent = document.documentElement.dataset.copied;
      setTimeout(() => (button.textContent = said), 1500);
    });
  }
}

function startDays(root) {
  const day = root.querySelector("#day");
  if (!day) return;
  const links = [...root.querySelectorAll(".days a")];
  day.closest("label").hidden = false;
  const say = () => day.setAttribute("aria-valuetext", links[day.value].textContent);
  say();
  day.addEventListener("input", say);
  day.addEventListener("change", () => location.assign(links[day.value].href));
}

function startRaw(root) {
  const raw = root.querySelector("#raw");
  raw?.addEventListener("toggle", async () => {
    const response = await fetch(raw.querySelector("a").href, { headers: { Accept: "application/json" } });
    raw.querySelector("pre").textContent = JSON.stringify(await response.json(), null, 2);
  }, { once: true });
}

// Long lists with a box that leaves what has its letters.
function startNarrowing(root) {
  for (const place of root.querySelectorAll("[data-narrow]")) {
    const label = place.querySelector("label");
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const items = [...place.querySelectorAll("li")].map((item) => [item, plain(item.textContent)]);
    label.hidden = false;
    label.querySelector("input").addEventListener("input", ({ target }) => {
      for (const [item, text] of items) item.hidden = !text.includes(plain(target.value));
    });
  }
}

// Whether sources are shown is kept while the tab is open.
function startSources(root) {
  const sources = root.querySelector("#sources");
  if (!sources) return;
  sources.checked = sessionStorage.getItem("terrafirma-sources") === "yes";
  sources.addEventListener("change", () => sessionStorage.setItem("terrafirma-sources", sources.checked ? "yes" : "no"));
}

function startPictures(root, name) {
  const buttons = [...root.querySelectorAll("[data-picture]")];
  for (const button of buttons) {
    button.closest("[hidden]")?.removeAttribute("hidden");
    button.addEventListener("click", async () => {
      const { savePicture } = await import("./picture.js");
      await savePicture(document.querySelector("#map svg, svg.scatter"), name, button.dataset.picture);
    });
  }
}

let map = null;

function start(root) {
  map?.stop();
  const box = root.querySelector("#map");
  map = box ? startMap(box) : null;
  startCopies(root);
  startDays(root);
  startRaw(root);
  startNarrowing(root);
  startSources(root);
  startPictures(root, "terrafirma");
  showRights(root);
  const added = root.querySelector(".add form[data-facets]");
  if (added) startFilter(added);
  for (const row of root.querySelector("#table")?.tBodies[0].rows ?? []) {
    row.addEventListener("mouseenter", () => map?.mark(row.dataset.id));
    row.addEventListener("mouseleave", () => map?.mark(null));
  }
}

const main = document.querySelector("main");
start(main);
startNavigation(main, start);
if (sessionStorage.getItem("terrafirma-notice")) import("./notice.js").then(({ showNotice }) => showNotice());

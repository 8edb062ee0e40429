// The search box of every page: suggestions while you type, from the register's own search; `/` and Ctrl-K go to it.
const PAUSE = 120; // milliseconds after the last letter

export function startFind(form) {
  const input = form.querySelector("input[type=search]");
  const list = Object.assign(document.createElement("ul"), { id: "hits", className: "hits", role: "listbox", hidden: true });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "hits", "aria-autocomplete": "list" })) input.setAttribute(name, value);
  list.setAttribute("aria-label", input.getAttribute("placeholder"));
  form.append(list);
  let [chosen, timer, asked] = [-1, 0, ""];

  const options = () => [...list.querySelectorAll("[role=option]")];

  function choose(index) {
    const all = options();
    chosen = all.length ? (index + all.length) % all.length : -1;
    all.forEach((each, place) => each.setAttribute("aria-selected", String(place === chosen)));
    all[chosen]?.scrollIntoView({ block: "nearest" });
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", all[chosen].id);
  }

  function show(hits, text) {
    const items = hits.map(({ name, code, kind, flag, picture, href, note }, index) => {
      const item = Object.assign(document.createElement("li"), { id: `hit-${index}`, role: "option" });
      item.dataset.href = href;
      const shown = picture ? Object.assign(new Image(), { className: "flag", src: picture, alt: "" }) : span("flag", flag ?? "");
      item.append(shown, span("", name), Object.assign(document.createElement("small"), { textContent: [note, code, kind].filter(Boolean).join(" · ") }));
      return item;
    });
    const none = Object.assign(document.createElement("li"), { className: "none", textContent: `${input.dataset.none}: “${text}”` });
    list.replaceChildren(...(items.length ? items : [none]));
    open(true);
    choose(items.length ? 0 : -1);
  }

  const span = (className, textContent) => Object.assign(document.createElement("span"), { className, textContent });

  function open(shown) {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
  }

  async function ask() {
    const text = input.value.trim();
    asked = text;
    if (!text) return open(false);
    const address = new URL(input.dataset.hits, location.href);
    address.searchParams.set("q", text);
    const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok || asked !== text) return;
    show((await response.json()).hits, text);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return ask();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      open(false);
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0 && asked === input.value.trim()) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.href);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const item = target.closest("[data-href]");
    if (item) location.assign(item.dataset.href);
  });
  input.addEventListener("blur", () => open(false));
  input.addEventListener("focus", () => input.value.trim() && ask());
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const combined = event.ctrlKey || event.metaKey;
    const slash = event.key === "/" && !typing && !combined;
    if (!(slash || (event.key === "k" && combined)) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    // A page that is searched by itself takes the slash; Ctrl-K always leads here.
    const box = (slash && document.querySelector("[data-slash]")) || input;
    box.focus();
    box.select();
  });
}

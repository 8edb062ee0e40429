// Filters, columns, order and pages change the view in place: the page stays where it is, and Back returns to it.
const PAUSE = 300; // milliseconds after the last letter of a search

export function startNavigation(main, start) {
  let shown = location.search;
  let turn = 0; // of the last request: the answer of an earlier one comes too late
  const samePage = (address) => address.origin === location.origin && address.pathname === location.pathname && main.querySelector("#table, .tools, svg.scatter");

  // Puts what an address shows in the place of what is shown. `focus` finds the element that has the focus again.
  async function show(address, focus) {
    main.setAttribute("aria-busy", "true");
    const own = (turn += 1);
    const response = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    if (own !== turn) return null;
    if (!response?.headers.get("Content-Type")?.startsWith("text/html")) return location.assign(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("main");
    if (!fresh) return location.assign(address);
    document.title = page.title;
    const opened = main.querySelector(".tools > details[open] > summary")?.textContent.replace(/[\d()]/g, "").trim();
    main.replaceChildren(...document.adoptNode(fresh).childNodes);
    main.removeAttribute("aria-busy");
    for (const tool of main.querySelectorAll(".tools > details")) {
      tool.open = !!opened && tool.firstElementChild.textContent.replace(/[\d()]/g, "").trim() === opened;
    }
    start(main);
    hideButtons();
    focus?.();
    return response.url;
  }

  // What is typed letter by letter is one step of the history, not one a letter.
  async function go(address, focus, typed = false) {
    history.replaceState({ ...history.state, scroll: scrollY }, "");
    const reached = await show(address, focus);
    if (!reached) return;
    const { search, hash } = new URL(reached);
    history[typed ? "replaceState" : "pushState"]({ scroll: scrollY }, "", location.pathname + search + hash);
    shown = search;
    for (const link of document.querySelectorAll("#tongue a")) {
      const own = new URLSearchParams(search);
      own.set("lang", link.lang);
      link.search = own;
    }
  }

  main.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.closest("svg")) return;
    const address = new URL(link.href);
    if (!samePage(address) || address.hash || link.closest(".deedbar, .history, .copies, .pages")) return;
    event.preventDefault();
    const text = link.textContent;
    go(address, () => [...main.querySelectorAll("a[href]")].find((each) => each.textContent === text)?.focus({ preventScroll: true }));
  });

  const addressOf = (form) => {
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    const address = new URL(form.action, location.href);
    address.search = asked;
    return address;
  };

  main.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest(".tools")) return;
    event.preventDefault();
    go(addressOf(form));
  });

  // Forms that show what was chosen at once need no button.
  const hideButtons = () => main.querySelectorAll("form[data-auto] > button").forEach((button) => (button.hidden = true));
  let timer = 0;
  main.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-auto]");
    if (!form) return;
    clearTimeout(timer);
    const typed = target.type === "search";
    const focus = () => {
      const again = main.querySelector(`form[data-auto] [name="${target.name}"]`);
      again?.focus({ preventScroll: true });
      if (typed) again?.setSelectionRange(again.value.length, again.value.length);
    };
    if (target.type === "date" && target.value && !target.validity.valid) return;
    timer = setTimeout(() => go(addressOf(form), focus, typed), typed ? PAUSE : 0);
  });
  hideButtons();

  window.addEventListener("popstate", async ({ state }) => {
    if (!main.querySelector(".tools") || location.search === shown) return;
    shown = location.search;
    await show(location.href);
    scrollTo({ top: state?.scroll ?? 0, behavior: "instant" });
  });
}

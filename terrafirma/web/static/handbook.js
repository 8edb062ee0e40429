// The search of the handbook. A classic script without imports: it also runs where pages are opened from a disk.
"use strict";
{
  const MOST = 12; // results that are shown
  const AROUND = 70; // characters shown before and after the first word that was found
  const form = document.querySelector(".book form");
  const field = form.querySelector("input");
  const status = form.querySelector(".status");
  const list = form.querySelector(".results");
  const contents = document.querySelector(".book details");

  let loading = null;
  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: form.dataset.index, onload: resolve, onerror: reject });
      document.head.append(script);
    }).then(() => window.HANDBOOK.map(([address, page, heading, text]) => ({ address, page, heading, text, head: fold(`${page} ${heading}`), all: fold(`${page} ${heading} ${text}`) })));
    return loading;
  }

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // A word in a heading counts more than one in the text, and a whole word more than a part.
  function score(section, words) {
    let sum = 0;
    for (const word of words) {
      if (!section.all.includes(word)) return 0;
      sum += section.head.includes(word) ? 10 : 1;
      if (section.head.split(/[^\p{L}\p{N}_]+/u).includes(word)) sum += 5;
    }
    return sum;
  }

  async function search() {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    if (!words.length) return show([], "", words);
    let sections;
    try {
      sections = await load();
    } catch {
      return show([], "The search index could not be loaded.", words);
    }
    const found = sections.map((section) => [score(section, words), section]).filter(([points]) => points).sort(([one], [other]) => other - one);
    show(found.slice(0, MOST).map(([, section]) => section), found.length ? `${found.length} found` : "Nothing found", words);
  }

  function show(sections, told, words) {
    status.textContent = told;
    list.replaceChildren(...sections.map((section) => row(section, words)));
    contents.hidden = sections.length > 0;
  }

  function row(section, words) {
    const item = document.createElement("li");
    const title = section.page === section.heading ? section.page : `${section.page}: ${section.heading}`;
    const link = Object.assign(document.createElement("a"), { href: section.address, textContent: title });
    const text = document.createElement("small");
    text.append(...excerpt(section.text, words));
    item.append(link, text);
    return item;
  }

  function* excerpt(text, words) {
    const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|"), "gi");
    const first = Math.max(0, text.search(pattern));
    const start = Math.max(0, first - AROUND);
    const piece = text.slice(start, first + 2 * AROUND);
    if (start) yield "…";
    let end = 0;
    for (const hit of piece.matchAll(pattern)) {
      yield piece.slice(end, hit.index);
      yield Object.assign(document.createElement("mark"), { textContent: hit[0] });
      end = hit.index + hit[0].length;
    }
    yield piece.slice(end) + (first + 2 * AROUND < text.length ? "…" : "");
  }

  form.hidden = false;
  field.addEventListener("input", search);
  field.addEventListener("focus", () => load().catch(() => {}), { once: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  // On a phone the contents would fill the first screen.
  if (matchMedia("(max-width: 760px)").matches) contents.open = false;
}

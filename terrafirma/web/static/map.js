// The map: what lies under the pointer is told, the wheel and the buttons zoom, arrows move from country to country.

const CLOSEST = 14; // pixels within which a tiny country over sea is meant
const DEEPEST = 12;
const TURNS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// The link under a point of the window: a spot or land that is seen there, else the nearest spot over sea.
export function linkAt(spots, x, y, seen = document.elementFromPoint(x, y)) {
  const link = seen?.closest("a");
  if (link) return link;
  let nearest = null;
  let least = CLOSEST;
  for (const spot of spots) {
    const { left, right, top, bottom } = spot.getBoundingClientRect();
    const away = Math.hypot((left + right) / 2 - x, (top + bottom) / 2 - y);
    if (away < least) [nearest, least] = [spot.closest("a"), away];
  }
  return nearest;
}

export function startMap(box) {
  const svg = box.querySelector("svg");
  const told = box.querySelector("#told");
  const links = [...svg.querySelectorAll("a")];
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const spots = [...svg.querySelectorAll("circle")];
  let view = { x: 0, y: 0, scale: 1 };

  box.querySelector(".zoom").hidden = false;

  function show() {
    const wide = width / view.scale;
    const high = height / view.scale;
    view.x = Math.min(Math.max(view.x, 0), width - wide);
    view.y = Math.min(Math.max(view.y, 0), height - high);
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${wide} ${high}`);
    // Spots keep their size on the screen.
    const unit = width / view.scale / svg.clientWidth;
    const size = Math.min(3.5, svg.clientWidth / 200);
    for (const spot of spots) spot.setAttribute("r", size * unit);
  }

  function zoom(factor, x = width / 2, y = height / 2) {
    const scale = Math.min(DEEPEST, Math.max(1, view.scale * factor));
    const kept = view.scale / scale;
    view = { x: x - (x - view.x) * kept, y: y - (y - view.y) * kept, scale };
    show();
  }

  function place(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [at.x, at.y];
  }

  function tell(link) {
    for (const each of links) each.classList.toggle("found", each.dataset.id === link?.dataset.id && link !== null);
    told.hidden = !link;
    told.textContent = link?.getAttribute("aria-label") ?? "";
  }

  box.querySelector("#in").addEventListener("click", () => zoom(1.6, view.x + width / view.scale / 2, view.y + height / view.scale / 2));
  box.querySelector("#out").addEventListener("click", () => zoom(1 / 1.6, view.x + width / view.scale / 2, view.y + height / view.scale / 2));
  box.querySelector("#whole").addEventListener("click", () => { view = { x: 0, y: 0, scale: 1 }; show(); });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && view.scale === 1 && event.deltaY > 0) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, ...place(event));
  }, { passive: false });

  let drag = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { x: event.clientX, y: event.clientY, from: { ...view }, moved: false };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const unit = width / view.scale / svg.clientWidth;
    const [right, down] = [event.clientX - drag.x, event.clientY - drag.y];
    drag.moved ||= Math.hypot(right, down) > 4 && view.scale > 1;
    if (drag.moved) { view.x = drag.from.x - right * unit; view.y = drag.from.y - down * unit; show(); }
  });
  window.addEventListener("pointerup", () => setTimeout(() => (drag = null)));
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("click", (event) => {
    if (drag?.moved) return event.preventDefault();
    const link = linkAt(spots, event.clientX, event.clientY, event.target);
    if (link && !event.target.closest("a")) location.assign(link.href.baseVal);
  });
  svg.addEventListener("pointermove", (event) => { const link = linkAt(spots, event.clientX, event.clientY, event.target); tell(link); svg.classList.toggle("over", !!link); });
  svg.addEventListener("pointerleave", () => tell(null));

  // One stop for the tab key; arrows go on from there.
  links.forEach((link, index) => link.setAttribute("tabindex", index ? "-1" : "0"));
  svg.addEventListener("focusin", (event) => tell(event.target.closest("a")));
  svg.addEventListener("focusout", () => tell(null));
  svg.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "-") return zoom(event.key === "+" ? 1.6 : 1 / 1.6, ...middle(event.target));
    const turn = TURNS[event.key];
    if (!turn || !event.target.closest("a")) return;
    event.preventDefault();
    const next = neighbour(event.target.closest("a"), turn);
    if (!next) return;
    event.target.closest("a").setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });

  function middle(element) {
    const box = element.closest("a").getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }

  function neighbour(link, [right, down]) {
    const [x, y] = middle(link);
    let best = null;
    let least = Infinity;
    for (const each of links) {
      if (each.dataset.id === link.dataset.id) continue;
      const [toX, toY] = middle(each);
      const along = (toX - x) * right + (toY - y) * down;
      const aside = Math.abs((toX - x) * down) + Math.abs((toY - y) * right);
      if (along > 0 && along + 2 * aside < least) [best, least] = [each, along + 2 * aside];
    }
    return best;
  }

  new ResizeObserver(show).observe(svg);
  show();
  return {
    // Only these countries are shown strongly; null: all. Few of them are zoomed to.
    find(ids) {
      for (const link of links) link.classList.toggle("hidden", ids !== null && !ids.has(link.dataset.id));
      view = { x: 0, y: 0, scale: 1 };
      if (ids?.size === 1) {
        const link = links.find((each) => ids.has(each.dataset.id));
        if (link) { const [x, y] = middle(link); view = { x: x - width / 8, y: y - height / 8, scale: 4 }; }
      }
      show();
    },
    mark(id) { tell(links.find((each) => each.dataset.id === id) ?? null); },
  };
}

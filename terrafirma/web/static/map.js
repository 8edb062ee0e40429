// The map: a card beside the pointer, zoom by wheel, buttons, keys and two fingers, arrows from country to country.
import { placeLabels } from "./map-labels.js";

const CLOSEST = 14; // pixels within which a tiny country over sea is meant
const DEEPEST = 24;
const FINGER = 24; // pixels around a tap within which tiny countries are offered
const OFFERED = 8; // countries offered at once
const STEP = 1.6;
const SPOT = 3.5; // pixels
const TURNS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const WHOLE = { x: 0, y: 0, scale: 1 };

// The links of the spots within some pixels of a point of the window, the nearest first.
function listNear(spots, x, y, within) {
  const near = spots.map((spot) => {
    const { left, right, top, bottom } = spot.getBoundingClientRect();
    return { link: spot.closest("a"), away: Math.hypot((left + right) / 2 - x, (top + bottom) / 2 - y) };
  });
  return near.filter(({ away }) => away < within).sort((one, other) => one.away - other.away).map(({ link }) => link);
}

// The link under a point of the window: a spot or land that is seen there, else the nearest spot over sea.
export function linkAt(spots, x, y, seen = document.elementFromPoint(x, y)) {
  return seen?.closest("a") ?? listNear(spots, x, y, CLOSEST)[0] ?? null;
}

// The box of a link in units of the map: outlines are written smaller, and enlarged by their group.
function measure(link) {
  const { x, y, width, height } = link.getBBox();
  const scale = link.parentNode.transform.baseVal.consolidate()?.matrix.a ?? 1;
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
}

export function startMap(box) {
  const svg = box.querySelector("svg");
  const card = box.querySelector("#told");
  const links = [...svg.querySelectorAll("a")];
  const spots = [...svg.querySelectorAll("circle")];
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const boxes = new Map(links.map((link) => [link, measure(link)]));
  let view = { ...WHOLE };

  // Units of the drawing in a pixel. The drawing is fitted into its box, so the tighter side decides.
  const unit = () => Math.max(width / svg.clientWidth, height / svg.clientHeight) / view.scale;
  const middleOf = (link) => {
    const { x, y, width: wide, height: high } = boxes.get(link);
    return [x + wide / 2, y + high / 2];
  };

  function show() {
    if (!svg.clientWidth) return;
    const [wide, high] = [width / view.scale, height / view.scale];
    view.x = Math.min(Math.max(view.x, 0), width - wide);
    view.y = Math.min(Math.max(view.y, 0), height - high);
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${wide} ${high}`);
    svg.classList.toggle("zoomed", view.scale > 1);
    // Spots and labels keep their size on the screen.
    const size = Math.min(SPOT, svg.clientWidth / 200) * Math.min(2, 1 + (view.scale - 1) / 8);
    for (const spot of spots) spot.setAttribute("r", size * unit());
    placeLabels(svg, links, boxes, view, unit());
  }

  function zoom(factor, x, y) {
    const scale = Math.min(DEEPEST, Math.max(1, view.scale * factor));
    const kept = view.scale / scale;
    view = { x: x - (x - view.x) * kept, y: y - (y - view.y) * kept, scale };
    show();
    remember();
  }

  const zoomMiddle = (factor) => zoom(factor, view.x + width / view.scale / 2, view.y + height / view.scale / 2);

  // Show these links and a margin round them.
  function frame(shown) {
    if (!shown.length) return;
    const all = shown.map((link) => boxes.get(link));
    const [left, top] = [Math.min(...all.map((each) => each.x)), Math.min(...all.map((each) => each.y))];
    const [right, bottom] = [Math.max(...all.map((each) => each.x + each.width)), Math.max(...all.map((each) => each.y + each.height))];
    // A box of another shape than the drawing shows more of it to the sides, or above and below.
    const shape = svg.clientWidth / svg.clientHeight;
    const [wide, high] = [Math.max(width, height * shape), Math.max(height, width / shape)];
    const scale = Math.min(8, Math.max(1, 0.85 * Math.min(wide / (right - left), high / (bottom - top))));
    view = { x: (left + right - width / scale) / 2, y: (top + bottom - height / scale) / 2, scale };
    show();
  }

  // The part that is shown stays in the address, for Back and for whoever it is sent to.
  let timer = 0;
  function remember() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const at = [view.scale.toFixed(2), (view.x + width / view.scale / 2).toFixed(0), (view.y + height / view.scale / 2).toFixed(0)];
      const hash = view.scale > 1 ? `#map=${at}` : "";
      if (hash !== location.hash) history.replaceState(history.state, "", hash || location.pathname + location.search);
    }, 200);
  }

  function recall() {
    const [scale, x, y] = (/^#map=([\d.]+),(\d+),(\d+)$/.exec(location.hash) ?? []).slice(1).map(Number);
    if (!scale) return false;
    view = { scale: Math.min(DEEPEST, Math.max(1, scale)) };
    Object.assign(view, { x: x - width / view.scale / 2, y: y - height / view.scale / 2 });
    show();
    return true;
  }

  function place({ clientX, clientY }) {
    const at = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [at.x, at.y];
  }

  // The card of a country, at a point of the window or at its middle.
  function tell(link, point) {
    for (const each of links) each.classList.toggle("found", !!link && each.dataset.id === link.dataset.id);
    card.hidden = !link;
    card.classList.remove("several");
    if (!link) return;
    const [name, ...rest] = link.getAttribute("aria-label").split(": ");
    const code = codeOf(link);
    const parts = [["b", "", name], ["span", "value", rest.join(": ")]].filter(([, , text]) => text);
    card.replaceChildren(tellFlag(code), ...parts.map(([tag, className, textContent]) => Object.assign(document.createElement(tag), { className, textContent })));
    moveCard(point ?? toWindow(middleOf(link)));
  }

  const codeOf = (link) => new URL(link.href.baseVal, location.href).pathname.split("/").pop();

  // Tiny countries lie closer together than a finger can tell apart: all that it may have meant are links under the map.
  function offer(link, { clientX, clientY }) {
    const near = listNear(spots, clientX, clientY, FINGER);
    if (!near.some((each) => each.dataset.id !== link.dataset.id)) return;
    // A spot may hide the land below it.
    const below = document.elementsFromPoint(clientX, clientY).map((each) => svg.contains(each) && each.closest("a")).filter(Boolean);
    const meant = new Map([link, ...below, ...near].map((each) => [each.dataset.id, each]));
    const offered = [...meant.values()].slice(0, OFFERED).map((each) => {
      const item = Object.assign(document.createElement("a"), { href: each.href.baseVal });
      item.append(tellFlag(codeOf(each)), ` ${each.getAttribute("aria-label").split(": ")[0]}`);
      return item;
    });
    card.classList.add("several");
    card.replaceChildren(...offered);
  }

  // The flag of a code as the rest of the page shows flags: as a picture where the installation has them.
  function tellFlag(code) {
    const known = document.querySelector("main img.flag")?.src;
    if (!/^[A-Z]{2}$/.test(code)) return "";
    if (known) return Object.assign(new Image(), { className: "flag", alt: "", src: known.replace(/[A-Z]{2}$/, code) });
    const letters = [...code].map((letter) => 0x1f1a5 + letter.charCodeAt(0));
    return Object.assign(document.createElement("span"), { className: "flag", textContent: String.fromCodePoint(...letters) });
  }

  function toWindow([x, y]) {
    const { x: clientX, y: clientY } = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
    return { clientX, clientY };
  }

  function moveCard({ clientX, clientY }) {
    const around = box.getBoundingClientRect();
    const [x, y] = [clientX - around.left, clientY - around.top];
    const left = x + 16 + card.offsetWidth > around.width ? x - card.offsetWidth - 12 : x + 16;
    const top = y + 16 + card.offsetHeight > around.height ? y - card.offsetHeight - 12 : y + 16;
    card.style.left = `${Math.max(4, Math.min(left, around.width - card.offsetWidth - 4))}px`;
    card.style.top = `${Math.max(4, top)}px`;
  }

  box.querySelector(".zoom").hidden = false;
  box.querySelector("#in").addEventListener("click", () => zoomMiddle(STEP));
  box.querySelector("#out").addEventListener("click", () => zoomMiddle(1 / STEP));
  box.querySelector("#whole").addEventListener("click", () => { view = { ...WHOLE }; show(); remember(); });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && view.scale === 1 && event.deltaY > 0) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, ...place(event));
  }, { passive: false });

  // Pointers that are down: one drags, two pinch. What they began with says where they lead.
  const down = new Map();
  let began = null;
  let moved = false;
  let tapped = null;

  const spread = ([first, second]) => Math.hypot(first.clientX - second.clientX, first.clientY - second.clientY);
  const centre = (points) => ({ clientX: average(points, "clientX"), clientY: average(points, "clientY") });
  const average = (points, side) => points.reduce((sum, each) => sum + each[side], 0) / points.length;

  function begin() {
    const points = [...down.values()];
    began = points.length ? { points, from: { ...view }, unit: unit(), at: place(centre(points)) } : null;
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (!down.size) moved = false;
    down.set(event.pointerId, event);
    begin();
  });
  window.addEventListener("pointermove", (event) => {
    if (!began || !down.has(event.pointerId)) return;
    down.set(event.pointerId, event);
    const points = [...down.values()];
    const [then, now] = [centre(began.points), centre(points)];
    const [right, below] = [now.clientX - then.clientX, now.clientY - then.clientY];
    if (points.length > 1) {
      moved = true;
      const scale = Math.min(DEEPEST, Math.max(1, (began.from.scale * spread(points)) / spread(began.points)));
      const kept = began.from.scale / scale;
      const per = began.unit * kept;
      view = { x: began.at[0] - (began.at[0] - began.from.x) * kept - right * per, y: began.at[1] - (began.at[1] - began.from.y) * kept - below * per, scale };
      show();
    } else if (view.scale > 1) {
      moved ||= Math.hypot(right, below) > 4;
      if (moved) { view = { ...view, x: began.from.x - right * began.unit, y: began.from.y - below * began.unit }; show(); }
    }
  });
  const end = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (moved) { tell(null); remember(); }
    begin();
  };
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  // Two fingers mean the map, not the page.
  for (const type of ["touchstart", "touchmove"]) {
    svg.addEventListener(type, (event) => event.touches.length > 1 && event.preventDefault(), { passive: false });
  }
  svg.addEventListener("dragstart", (event) => event.preventDefault());

  svg.addEventListener("click", (event) => {
    if (moved) return event.preventDefault();
    const link = linkAt(spots, event.clientX, event.clientY, event.target);
    // A finger hides what it touches: the first tap says its name, the second opens it. Keys have no pointer.
    if (event.pointerType === "touch" && link?.dataset.id !== tapped) {
      event.preventDefault();
      tapped = link?.dataset.id ?? null;
      tell(link, event);
      return link && offer(link, event);
    }
    if (link && (!event.target.closest("a") || event.pointerType === "touch")) {
      event.preventDefault();
      location.assign(link.href.baseVal);
    }
  });
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || down.size) return;
    const link = linkAt(spots, event.clientX, event.clientY, event.target);
    tell(link, event);
    svg.classList.toggle("over", !!link);
  });
  svg.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && tell(null));

  // One stop for the tab key; arrows go on from there, and the map follows them.
  links.forEach((link, index) => link.setAttribute("tabindex", index ? "-1" : "0"));
  svg.addEventListener("focusin", (event) => {
    const link = event.target.closest("a");
    if (!link || down.size) return;
    reveal(link);
    tell(link);
  });
  svg.addEventListener("focusout", (event) => card.contains(event.relatedTarget) || tell(null));
  svg.addEventListener("keydown", (event) => {
    const link = event.target.closest("a");
    if (event.key === "+" || event.key === "-") return zoom(event.key === "+" ? STEP : 1 / STEP, ...middleOf(link));
    const turn = TURNS[event.key];
    const next = turn && link && neighbour(link, turn);
    if (turn && link) event.preventDefault();
    if (!next) return;
    link.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus({ preventScroll: true });
  });

  // Move the part that is shown until the middle of a country is in it.
  function reveal(link) {
    if (view.scale === 1) return;
    const [x, y] = middleOf(link);
    const [wide, high] = [width / view.scale, height / view.scale];
    if (x > view.x && x < view.x + wide && y > view.y && y < view.y + high) return;
    view = { ...view, x: x - wide / 2, y: y - high / 2 };
    show();
    remember();
  }

  function neighbour(link, [right, below]) {
    const [x, y] = middleOf(link);
    let best = null;
    let least = Infinity;
    for (const each of links) {
      if (each.dataset.id === link.dataset.id) continue;
      const [toX, toY] = middleOf(each);
      const along = (toX - x) * right + (toY - y) * below;
      const aside = Math.abs((toX - x) * below) + Math.abs((toY - y) * right);
      if (along > 0 && along + 2 * aside < least) [best, least] = [each, along + 2 * aside];
    }
    return best;
  }

  const resized = new ResizeObserver(show);
  resized.observe(svg);
  if (!recall()) {
    show();
    if (svg.dataset.part) frame(links.filter((link) => !link.querySelector(".rest")));
  }
  return {
    mark(id) { tell(links.find((each) => each.dataset.id === id) ?? null); },
    stop() { resized.disconnect(); },
  };
}

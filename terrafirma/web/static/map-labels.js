// Names on the map, where they fit: the largest countries first, none over another, none at the whole world.
const FROM = 1.8; // times the whole world
const LETTER = 6.2; // pixels, about
const LINE = 13;
const SPACE = "http://www.w3.org/2000/svg";

export function placeLabels(svg, links, boxes, view, unit) {
  const group = svg.querySelector("#labels") ?? svg.appendChild(Object.assign(document.createElementNS(SPACE, "g"), { id: "labels" }));
  group.setAttribute("aria-hidden", "true");
  if (view.scale < FROM) return group.replaceChildren();
  const [, , wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
  const taken = [];
  const seen = new Set();
  const texts = [];
  const largest = [...links].sort((one, other) => boxes.get(other).width - boxes.get(one).width);
  for (const link of largest) {
    const [name] = link.getAttribute("aria-label").split(": ");
    const { x, y, width, height } = boxes.get(link);
    const spot = link.querySelector("circle") !== null;
    const length = name.length * LETTER * unit;
    if (seen.has(link.dataset.id) || (!spot && width < length)) continue;
    const [at, line] = (link.dataset.at ?? `${x + width / 2},${y + height / 2}`).split(",").map(Number);
    const start = spot ? at + 7 * unit : at - length / 2;
    const label = { left: start, right: start + length, top: line - (LINE / 2) * unit, bottom: line + (LINE / 2) * unit };
    const outside = label.right < view.x || label.left > view.x + wide || label.bottom < view.y || label.top > view.y + high;
    if (outside || taken.some((each) => each.left < label.right && each.right > label.left && each.top < label.bottom && each.bottom > label.top)) continue;
    taken.push(label);
    seen.add(link.dataset.id);
    const text = document.createElementNS(SPACE, "text");
    text.setAttribute("x", spot ? at + 7 * unit : at);
    text.setAttribute("y", line + 4 * unit);
    text.setAttribute("font-size", 11.5 * unit);
    text.setAttribute("text-anchor", spot ? "start" : "middle");
    text.textContent = name;
    texts.push(text);
  }
  group.replaceChildren(...texts);
}

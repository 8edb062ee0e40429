// A drawing of the page as a file: its shapes with the colours they have here, and nothing that refers to the page.
const DRAWN = ["fill", "stroke", "stroke-width", "font-family", "font-size", "fill-opacity", "opacity", "text-anchor"];

function copyOf(svg) {
  const copy = svg.cloneNode(true);
  const [shown, copied] = [[svg, ...svg.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  shown.forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of DRAWN) copied[index].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "href", "tabindex", "data-id", "data-at"]) copied[index].removeAttribute(name);
  });
  for (const link of copy.querySelectorAll("a")) link.replaceWith(...link.childNodes);
  const [, , wide, high] = copy.getAttribute("viewBox").split(" ").map(Number);
  const ground = document.createElementNS(copy.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ x: "-10%", y: "-10%", width: "120%", height: "120%", fill: getComputedStyle(svg.parentElement).backgroundColor })) ground.setAttribute(name, value);
  copy.prepend(ground);
  copy.setAttribute("xmlns", copy.namespaceURI);
  copy.setAttribute("width", 2000);
  copy.setAttribute("height", Math.round((2000 * high) / wide));
  return copy;
}

export async function savePicture(svg, name, form) {
  const copy = copyOf(svg);
  const text = new XMLSerializer().serializeToString(copy);
  if (form === "svg") return save(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: copy.getAttribute("width"), height: copy.getAttribute("height") });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.toBlob((blob) => save(blob, `${name}.png`), "image/png");
}

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

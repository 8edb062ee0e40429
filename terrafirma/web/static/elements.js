// Elements from what was read: text stays text, whatever is written in it.

// A function among the attributes listens to the event of its name; true is an attribute without a value.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat());
  return element;
}

// A table from its headings and the cells of its rows; the first of each row names it.
export function makeTable(caption, headings, rows) {
  const head = make("tr", {}, headings.map((each) => make("th", { scope: "col" }, each)));
  const body = rows.map(([name, ...cells]) =>
    make("tr", {}, make("th", { scope: "row" }, name), cells.map((cell) => make("td", {}, cell ?? ""))),
  );
  const table = make("table", {}, make("caption", { class: "away" }, caption), make("thead", {}, head), make("tbody", {}, body));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table);
}

// A button that is put to use by what it does; meanwhile it cannot be pressed again.
export function makeButton(text, act, attributes = {}) {
  const click = async ({ currentTarget }) => {
    currentTarget.disabled = true;
    await act(currentTarget);
    currentTarget.disabled = false;
  };
  return make("button", { type: "button", click, ...attributes }, text);
}

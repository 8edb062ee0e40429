// The fields that a reader chose for columns, by their headings, kept on this device.
const KEPT = "terrafirma-columns";
const MOST = 500; // headings of a kind

const readAll = () => JSON.parse(localStorage.getItem(KEPT) ?? "{}");

export function rememberColumns(kind, columns) {
  const all = readAll();
  const kept = Object.entries({ ...all[kind], ...columns }).slice(-MOST);
  localStorage.setItem(KEPT, JSON.stringify({ ...all, [kind]: Object.fromEntries(kept) }));
}

// The fields of a file's columns as they were chosen before; null where that is how it is read anyway.
export function readColumns(kind, columns) {
  const kept = readAll()[kind] ?? {};
  const known = Object.keys(columns).filter((header) => Object.hasOwn(kept, header));
  if (known.every((header) => kept[header] === (columns[header] ?? "") && columns[header] !== null)) return null;
  return Object.fromEntries(Object.keys(columns).map((header) => [header, kept[header] ?? columns[header] ?? ""]).filter(([header]) => header in kept || columns[header]));
}

// What differs between two documents: as a list for people, and as a merge patch (RFC 7396) for the API.
import { _ } from "./words.js";

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const own = (object, name) => (Object.hasOwn(object ?? {}, name) ? object[name] : undefined);
const namesOf = (...objects) => new Set(objects.flatMap((each) => Object.keys(each ?? {})));
const hasMembers = (value) => isObject(value) && Object.keys(value).length > 0;

export function same(one, other) {
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return Object.is(one, other);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  return [...namesOf(one, other)].every((name) => same(own(one, name), own(other, name)));
}

// Every change as `{ path, was, now }`; the members of an object one by one, a list as one value.
export function listChanges(was, now, above = "") {
  return [...namesOf(was, now)].flatMap((name) => {
    const [before, after, path] = [own(was, name), own(now, name), above + name];
    if (same(before, after)) return [];
    const inside = [before, after].every((value) => value === undefined || hasMembers(value));
    return inside ? listChanges(before, after, `${path}.`) : [{ path, was: before, now: after }];
  });
}

// By entries, so that a member may be called anything, `__proto__` too.
export function makePatch(was, now) {
  const changed = [...namesOf(was, now)].filter((name) => !same(own(was, name), own(now, name)));
  return Object.fromEntries(
    changed.map((name) => {
      const [before, after] = [own(was, name), own(now, name)];
      if (after === undefined) return [name, null];
      return [name, isObject(before) && isObject(after) ? makePatch(before, after) : after];
    }),
  );
}

// A value in a line.
export function tell(value) {
  if (value === undefined) return "–";
  if (typeof value === "boolean") return _(value ? "yes" : "no");
  if (Array.isArray(value)) return value.map(tell).join(value.some(isObject) ? "; " : ", ");
  if (!isObject(value)) return String(value);
  return Object.entries(value).map(([name, member]) => `${name} ${tell(member)}`).join(", ");
}

// The words of scripts in the page's language, from its catalogue; English is what the scripts have.
const { lang, dataset } = document.documentElement;
const PLURALS = { fr: ["one", "other"], ar: ["zero", "one", "two", "few", "many", "other"], zh: ["other"] };

const catalogue = lang === "en" ? {} : await load();

async function load() {
  const response = await fetch(`${dataset.base ?? ""}/explore/words/${lang}`).catch(() => null);
  return response?.ok ? response.json() : {};
}

const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_place, name) => values[name]);

export const _ = (text, values = {}) => fill(catalogue[text] ?? text, values);

// The text for a number of things, which is `number` in it.
export function ngettext(one, many, number, values = {}) {
  const forms = catalogue[one] ?? [one, many];
  const place = (PLURALS[lang] ?? ["one", "other"]).indexOf(new Intl.PluralRules(lang).select(number));
  return fill(forms[place] ?? forms.at(-1), { number: number.toLocaleString(lang), ...values });
}

// A sentence with elements in its places, as what can be appended.
export function pieces(text, elements) {
  const parts = (catalogue[text] ?? text).split(/%\((\w+)\)s/);
  return parts.map((part, index) => (index % 2 ? elements[part] : part));
}

// Words that the API answers with, shown by `_` of what was answered.
export const ANSWERED = [
  _("reader"), _("editor"), _("admin"), _("no role"), _("no role any more"), _("active"), _("failing"), _("paused"), _("waiting"), _("delivered"), _("dead"), _("yes"), _("no"),
];

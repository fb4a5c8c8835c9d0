// Which of the locales that the app was built with answers for those that are asked for.
let data;
export const fill = (given) => (data = given);
export const zones = () => data.zones;
export const latin = () => data.latin;
const DEFAULT = "en-US";

/** The tag without extensions, `de-DE`; a RangeError for what is none. */
export function canonical(tag) {
  const text = String(tag?.baseName ?? tag);
  if (!/^[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*$/i.test(text)) throw new RangeError(`Incorrect locale information provided`);
  const [language, ...rest] = text.replaceAll("_", "-").split("-");
  const end = rest.findIndex((part) => part.length === 1);
  const parts = (end < 0 ? rest : rest.slice(0, end)).map((part) => (part.length === 2 ? part.toUpperCase() : part.length === 4 && /^[a-z]+$/i.test(part) ? part[0].toUpperCase() + part.slice(1).toLowerCase() : part));
  return [language.toLowerCase(), ...parts].join("-");
}

export const list = (tags) => (tags === undefined ? [] : (typeof tags === "string" || !tags[Symbol.iterator] ? [tags] : [...tags]).map(canonical));

/** The tag that answers for this one, if there is one: itself, what it is a part of, or another of its language. */
function match(tag) {
  for (let name = tag; name; name = name.slice(0, Math.max(0, name.lastIndexOf("-")))) if (data.locales[name]) return name;
  return Object.keys(data.locales).find((name) => name.split("-")[0] === tag.split("-")[0]);
}

export const supported = (tags) => list(tags).filter(match);

/** `{ name, facts }`: the first of these that there is, or the default. */
export function resolve(tags) {
  const asked = list(tags).find(match);
  const name = asked ? match(asked) : DEFAULT;
  return { name: asked ?? DEFAULT, facts: data.locales[name], key: name };
}

export const option = (options, name, allowed, otherwise) => {
  const value = options?.[name];
  if (value === undefined) return otherwise;
  if (allowed && !allowed.includes(String(value))) throw new RangeError(`Value ${value} out of range for Intl options property ${name}`);
  return typeof value === "boolean" ? value : String(value);
};

/** The parts of a pattern such as `{day}. {month}`: `fill(name)` gives `{ type, value }` for each. */
export function parts(pattern, fill) {
  return pattern.split(/(\{[^}]+\})/).filter(Boolean).flatMap((piece) => (piece[0] === "{" ? fill(piece.slice(1, -1)) : { type: "literal", value: piece }));
}

export const text = (list) => list.map((part) => part.value).join("");

// Intl, which the engine was built without, for the locales and time zones that the app's source names: lib/locales.mjs of the buildpack brings the data. It is
// part of a bundle only where the app uses it.
import { DateTimeFormat } from "./dates.js";
import { canonical, fill, list, zones } from "./locale.js";
import { NumberFormat } from "./numbers.js";
import { Collator, ListFormat, PluralRules, RelativeTimeFormat } from "./words.js";

class Locale {
  constructor(tag, options = {}) {
    this.baseName = canonical(tag);
    const [language, ...rest] = this.baseName.split("-");
    this.language = options.language ?? language;
    this.region = options.region ?? rest.find((part) => /^(?:[A-Z]{2}|\d{3})$/.test(part));
    this.script = options.script ?? rest.find((part) => part.length === 4);
  }
  toString() {
    return this.baseName;
  }
  maximize() {
    return this;
  }
  minimize() {
    return this;
  }
}

const MARKS = "\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe00-\\ufe0f\\u{1f3fb}-\\u{1f3ff}";
const SEGMENTS = {
  grapheme: new RegExp(`\\r\\n|[\\u{1f1e6}-\\u{1f1ff}]{2}|[^][${MARKS}]*(?:\\u200d[^][${MARKS}]*)*`, "gu"),
  word: new RegExp(`[\\w\\u00c0-\\u1fff\\u2c00-\\ud7ff${MARKS}'’]+|\\s+|[^]`, "gu"),
};

/** Letter by letter, with the marks that belong to it; or word by word. */
class Segmenter {
  constructor(locales, { granularity = "grapheme" } = {}) {
    this.granularity = granularity;
  }
  segment(input) {
    const word = this.granularity === "word";
    return [...String(input).matchAll(SEGMENTS[word ? "word" : "grapheme"])].map(({ 0: segment, index }) => ({ segment, index, input, ...(word && { isWordLike: /[\w\u00c0-\ud7ff]/.test(segment) }) }));
  }
}

/** Intl's constructors work without `new`, too. */
const callable = (type) => new Proxy(type, { apply: (_, __, values) => new type(...values) });

/** A formatter is dear to make and asked for again and again. */
function kept(make) {
  const made = new Map();
  return (locales, options, wanted) => {
    const key = JSON.stringify([locales, options, wanted]);
    if (made.size > 100) made.clear();
    return made.get(key) ?? made.set(key, make(locales, options, wanted)).get(key);
  };
}

export function provide(data) {
  fill(data);
  const Intl = {
    DateTimeFormat: callable(DateTimeFormat), NumberFormat: callable(NumberFormat), Collator: callable(Collator), PluralRules, ListFormat, RelativeTimeFormat, Locale, Segmenter,
    getCanonicalLocales: (tags) => list(tags),
    supportedValuesOf: (key) => (key === "timeZone" ? ["UTC", ...Object.keys(zones())] : []),
    DisplayNames: class DisplayNames {
      of = (code) => code;
    },
  };
  Object.defineProperty(Intl, Symbol.toStringTag, { value: "Intl" });
  const define = (on, name, value) => Object.defineProperty(on, name, { value, writable: true, configurable: true });
  define(globalThis, "Intl", Intl);
  const [numbers, dates, order] = [kept((...values) => new NumberFormat(...values)), kept((...values) => new DateTimeFormat(...values)), kept((...values) => new Collator(...values))];
  const number = function toLocaleString(locales, options) {
    return numbers(locales, options).format(this.valueOf());
  };
  define(Number.prototype, "toLocaleString", number);
  define(BigInt.prototype, "toLocaleString", number);
  const date = (name, wanted) =>
    define(Date.prototype, name, { [name](locales, options) {
      return Number.isNaN(this.getTime()) ? "Invalid Date" : dates(locales, options, wanted).format(this);
    } }[name]);
  date("toLocaleString", "all");
  date("toLocaleDateString", "dates");
  date("toLocaleTimeString", "times");
  define(String.prototype, "localeCompare", function localeCompare(other, locales, options) {
    return order(locales, options).compare(String(this), String(other));
  });
}

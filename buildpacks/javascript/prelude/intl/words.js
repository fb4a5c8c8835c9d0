// Intl.PluralRules, ListFormat, RelativeTimeFormat and Collator.
import { NumberFormat } from "./numbers.js";
import { latin, option, resolve, supported } from "./locale.js";

const KINDS = { z: "zero", 1: "one", 2: "two", f: "few", m: "many", o: "other" };

export class PluralRules {
  #plural;
  #is;
  constructor(locales, options) {
    const { name, facts } = resolve(locales);
    this.#plural = facts.plural;
    this.#is = { locale: name, type: option(options, "type", ["cardinal", "ordinal"], "cardinal") };
  }
  static supportedLocalesOf = supported;
  resolvedOptions() {
    const table = this.#plural.table[this.#is.type === "ordinal" ? 1 : 0];
    return { ...this.#is, pluralCategories: [...new Set(table)].map((kind) => KINDS[kind]) };
  }
  select(value) {
    const number = Math.abs(Number(value));
    const [cardinal, ordinal] = this.#plural.table;
    if (!Number.isFinite(number)) return "other";
    if (!Number.isInteger(number) && this.#is.type === "ordinal") return "other";
    if (!Number.isInteger(number)) return KINDS[this.#plural.half[Math.floor(number)]] ?? "other";
    if (this.#is.type === "cardinal" && number >= 1e6 && number % 1e6 === 0) return KINDS[this.#plural.million];
    return KINDS[(this.#is.type === "ordinal" ? ordinal : cardinal)[number < 200 ? number : 100 + (number % 100)]];
  }
}

export class ListFormat {
  #between;
  #is;
  constructor(locales, options) {
    const { name, facts } = resolve(locales);
    const [types, styles] = [["conjunction", "disjunction", "unit"], ["long", "short", "narrow"]];
    this.#is = { locale: name, type: option(options, "type", types, "conjunction"), style: option(options, "style", styles, "long") };
    this.#between = facts.lists[types.indexOf(this.#is.type)][styles.indexOf(this.#is.style)];
  }
  static supportedLocalesOf = supported;
  resolvedOptions() {
    return { ...this.#is };
  }
  formatToParts(items) {
    const all = [...items];
    const [two, middle, last] = this.#between;
    return all.flatMap((value, at) => [...(at ? [{ type: "literal", value: all.length === 2 ? two : at === all.length - 1 ? last : middle }] : []), { type: "element", value }]);
  }
  format(items) {
    return this.formatToParts(items).map((part) => part.value).join("");
  }
}

export class RelativeTimeFormat {
  #facts;
  #is;
  #numbers;
  #rules;
  constructor(locales, options) {
    const { name, facts } = resolve(locales);
    this.#is = { locale: name, style: option(options, "style", ["long", "short", "narrow"], "long"), numeric: option(options, "numeric", ["always", "auto"], "always"), numberingSystem: "latn" };
    this.#facts = facts.relative[this.#is.style === "long" ? 0 : 1];
    [this.#numbers, this.#rules] = [new NumberFormat(name), new PluralRules(name)];
  }
  static supportedLocalesOf = supported;
  resolvedOptions() {
    return { ...this.#is };
  }
  format(value, unit) {
    const number = Number(value);
    const known = this.#facts[String(unit).replace(/s$/, "")];
    if (!known) throw new RangeError(`Invalid unit argument for format() '${unit}'`);
    if (this.#is.numeric === "auto" && known.said[number] !== undefined) return known.said[number];
    const shapes = number < 0 || Object.is(number, -0) ? known.past : known.next;
    return (shapes[this.#rules.select(number)] ?? shapes.other).replace("{n}", () => this.#numbers.format(Math.abs(number)));
  }
  formatToParts(value, unit) {
    return [{ type: "literal", value: this.format(value, unit) }];
  }
}

let bases;
/** A text without the marks on its letters. */
function base(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  bases ??= new Map(Array.from({ length: latin().length / 2 }, (_, at) => [latin()[2 * at], latin()[2 * at + 1]]));
  return text.replace(/[\u0300-\u036f]/g, "").replace(/[^\0-\x7f]/g, (letter) => ({ ß: "ss", æ: "ae", Æ: "AE", œ: "oe", Œ: "OE", ø: "o", Ø: "O", ł: "l", Ł: "L", đ: "d", Đ: "D" })[letter] ?? bases.get(letter) ?? letter);
}

const compareNow = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
/** Signs come before digits, and these before letters. */
const rank = (character) => (/[a-z]/i.test(character) || character > "\x7f" ? 2 : /\d/.test(character) ? 1 : 0);

function byLetters(left, right, numeric) {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  const pieces = (text) => (numeric ? text.match(/\d+|\D/g) ?? [] : [...text]);
  const [first, second] = [pieces(a), pieces(b)];
  for (let at = 0; at < Math.min(first.length, second.length); at++) {
    const [one, other] = [first[at], second[at]];
    if (one === other) continue;
    if (numeric && /^\d/.test(one) && /^\d/.test(other)) {
      const by = Number(one) - Number(other);
      if (by) return Math.sign(by);
      continue;
    }
    return Math.sign(rank(one[0]) - rank(other[0])) || compareNow(one, other);
  }
  return Math.sign(first.length - second.length);
}

export class Collator {
  #is;
  constructor(locales, options) {
    const { name } = resolve(locales);
    this.#is = { locale: name, usage: "sort", sensitivity: option(options, "sensitivity", ["base", "accent", "case", "variant"], "variant"), ignorePunctuation: Boolean(options?.ignorePunctuation), collation: "default", numeric: Boolean(options?.numeric), caseFirst: option(options, "caseFirst", ["upper", "lower", "false"], "false") };
    this.compare = (left, right) => this.#compare(String(left), String(right));
  }
  static supportedLocalesOf = supported;
  resolvedOptions() {
    return { ...this.#is };
  }
  #compare(left, right) {
    const { sensitivity, numeric, caseFirst, ignorePunctuation } = this.#is;
    if (ignorePunctuation) [left, right] = [left, right].map((text) => text.replace(/[\s!-/:-@[-`{-~]/g, ""));
    const letters = byLetters(base(left), base(right), numeric);
    if (letters || sensitivity === "base") return letters;
    // Marks count before case: "résumé" comes after "Resume".
    const marks = sensitivity === "case" ? 0 : compareNow(left.toLowerCase(), right.toLowerCase());
    if (marks || sensitivity === "accent") return marks;
    const cases = compareNow(right, left);
    return caseFirst === "upper" ? -cases || 0 : cases || 0;
  }
}

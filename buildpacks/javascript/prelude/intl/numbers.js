// Intl.NumberFormat.
import { option, parts, resolve, supported, text } from "./locale.js";

const NO_FRACTION = ["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"];

function digits(options, name, least, most, otherwise) {
  const value = options?.[name];
  if (value === undefined) return otherwise;
  const number = Math.floor(Number(value));
  if (!(number >= least && number <= most)) throw new RangeError(`${name} value is out of range.`);
  return number;
}

export class NumberFormat {
  #facts;
  #is;
  constructor(locales, options = {}) {
    const { name, facts } = resolve(locales);
    this.#facts = facts;
    const style = option(options, "style", ["decimal", "percent", "currency", "unit"], "decimal");
    const currency = option(options, "currency")?.toUpperCase();
    if (style === "currency" && !currency) throw new TypeError("Currency code is required with currency style.");
    const notation = option(options, "notation", ["standard", "scientific", "engineering", "compact"], "standard");
    const cents = style === "currency" && notation !== "compact" ? (NO_FRACTION.includes(currency) ? 0 : 2) : 0;
    const from = digits(options, "minimumFractionDigits", 0, 100), to = digits(options, "maximumFractionDigits", 0, 100);
    const usual = { from: cents, to: style === "currency" ? cents : style === "percent" || notation === "compact" ? 0 : 3 };
    if (from !== undefined && to !== undefined && from > to) throw new RangeError("maximumFractionDigits value is out of range.");
    const significant = options?.minimumSignificantDigits !== undefined || options?.maximumSignificantDigits !== undefined;
    this.#is = {
      locale: name, numberingSystem: "latn", style, ...(currency && style === "currency" && { currency, currencyDisplay: option(options, "currencyDisplay", undefined, "symbol"), currencySign: "standard" }),
      ...(style === "unit" && { unit: option(options, "unit"), unitDisplay: option(options, "unitDisplay", undefined, "short") }),
      minimumIntegerDigits: digits(options, "minimumIntegerDigits", 1, 21, 1),
      minimumFractionDigits: from ?? Math.min(usual.from, to ?? usual.from), maximumFractionDigits: to ?? Math.max(usual.to, from ?? 0),
      ...(significant && { minimumSignificantDigits: digits(options, "minimumSignificantDigits", 1, 21, 1), maximumSignificantDigits: digits(options, "maximumSignificantDigits", 1, 21, 21) }),
      useGrouping: options?.useGrouping ?? (notation === "compact" ? "min2" : "auto"), notation, ...(notation === "compact" && { compactDisplay: option(options, "compactDisplay", ["short", "long"], "short") }),
      signDisplay: option(options, "signDisplay", ["auto", "never", "always", "exceptZero", "negative"], "auto"),
    };
    this.format = (value) => text(this.formatToParts(value));
  }
  static supportedLocalesOf = supported;
  resolvedOptions() {
    return { ...this.#is };
  }
  formatRange(from, to) {
    return `${this.format(from)}–${this.format(to)}`;
  }
  formatToParts(value) {
    const number = typeof value === "bigint" ? value : Number(value);
    const { style, notation } = this.#is;
    const negative = number < 0 || Object.is(number, -0);
    const size = negative ? -number : number;
    const [plain, shape] = notation === "compact" ? this.#compact(Number(size)) : [style === "percent" ? times100(size) : size, "{n}"];
    const made = this.#number(plain);
    const zero = !made.some(({ type, value }) => ["integer", "fraction"].includes(type) && /[^0]/.test(value));
    const inside = parts(shape, () => made).map((part) => (part.type === "literal" ? { ...part, type: "compact" } : part));
    return this.#surround(inside, this.#sign(negative, zero && number !== Infinity && !Number.isNaN(number)));
  }
  #sign(negative, zero) {
    switch (this.#is.signDisplay) {
      case "never": return "";
      case "always": return negative ? "-" : "+";
      case "exceptZero": return zero ? "" : negative ? "-" : "+";
      case "negative": return negative && !zero ? "-" : "";
      default: return negative ? "-" : "";
    }
  }
  #surround(inside, sign) {
    const { style, currency, currencyDisplay, unit } = this.#is;
    const signed = sign === "-" ? { type: "minusSign", value: this.#facts.minus } : sign === "+" ? { type: "plusSign", value: this.#facts.plus } : undefined;
    const before = signed ? [signed] : [];
    if (style === "percent") return [...before, ...parts(this.#facts.percent, () => inside).map((part) => (part.type === "literal" && part.value.includes("%") ? { ...part, type: "percentSign" } : part))];
    if (style === "unit") return [...before, ...inside, { type: "literal", value: " " }, { type: "unit", value: unit }];
    if (style !== "currency") return [...before, ...inside];
    if (currencyDisplay === "name") return [...before, ...inside, { type: "literal", value: " " }, { type: "currency", value: currency }];
    const [symbol, narrow] = this.#facts.currencies[currency] ?? [currency, currency];
    const shown = currencyDisplay === "code" ? currency : currencyDisplay === "narrowSymbol" ? narrow : symbol;
    // A letter keeps its distance from the number.
    const beside = this.#facts.money[0][0].startsWith("{c}") ? shown.at(-1) : shown[0];
    const pattern = this.#facts.money[/[A-Za-z\u00c0-\u024f]/.test(beside) ? 1 : 0][sign ? 1 : 0];
    return parts(pattern, (name) => (name === "n" ? inside : name === "-" ? before : { type: "currency", value: shown }));
  }
  #compact(size) {
    const magnitude = Math.floor(Math.log10(size) + 1e-12);
    if (!(magnitude >= 3)) return [size, "{n}"];
    const table = this.#facts.compact[this.#is.compactDisplay === "long" ? 1 : 0];
    const at = Math.min(magnitude, 14);
    const [length, one, more] = table[at - 3];
    const scaled = size / 10 ** (at + 1 - length);
    // 999,999 is a million, not a thousand thousands.
    return Math.round(scaled) >= 10 ** length && length === 3 && at < 14 ? this.#compact(10 ** (at + 1)) : [scaled, Number(this.#decimal(scaled)) === 1 ? one : more];
  }
  /** Of a number that is not negative. */
  #number(size) {
    if (Number.isNaN(size)) return [{ type: "nan", value: this.#facts.nan }];
    if (size === Infinity) return [{ type: "infinity", value: "∞" }];
    const [whole, fraction = ""] = this.#decimal(size).split(".");
    const grouped = this.#groups(whole.padStart(this.#is.minimumIntegerDigits, "0"));
    return [...grouped, ...(fraction ? [{ type: "decimal", value: this.#facts.decimal }, { type: "fraction", value: this.#native(fraction) }] : [])];
  }
  #decimal(size) {
    const { minimumFractionDigits: from, maximumFractionDigits: to, minimumSignificantDigits: least, maximumSignificantDigits: most, notation } = this.#is;
    const exact = plain(size);
    if (most !== undefined) return trimmed(rounded(exact, most - whole(exact)), least - whole(exact));
    // Two digits are enough of what is short.
    if (notation === "compact" && from === 0 && to === 0) return trimmed(rounded(exact, Math.max(0, 2 - whole(exact))), 0);
    return trimmed(rounded(exact, to), from);
  }
  #groups(digits) {
    const { useGrouping } = this.#is;
    const [first, next] = this.#facts.groups;
    const least = useGrouping === "min2" || (useGrouping !== "always" && this.#facts.least === 2) ? 2 : 1;
    if (useGrouping === false || useGrouping === "false" || digits.length < first + least) return [{ type: "integer", value: this.#native(digits) }];
    const pieces = [digits.slice(-first)];
    for (let rest = digits.slice(0, -first); rest; rest = rest.slice(0, -(next ?? first))) pieces.unshift(rest.slice(-(next ?? first)));
    return pieces.flatMap((value, at) => [...(at ? [{ type: "group", value: this.#facts.group }] : []), { type: "integer", value: this.#native(value) }]);
  }
  #native(digits) {
    return this.#facts.digits ? digits.replace(/\d/g, (digit) => this.#facts.digits[digit]) : digits;
  }
}

const times100 = (size) => (typeof size === "bigint" ? size * 100n : Number(`${plain(size)}e2`));

/** The digits before the point; of 0.00123 the zeros behind it, as a negative number. */
function whole(exact) {
  const [before, after = ""] = exact.split(".");
  return before !== "0" ? before.length : /[1-9]/.test(after) ? -/^0*/.exec(after)[0].length : 1;
}

/** Without an exponent. */
function plain(number) {
  const [digits, power] = String(number).split("e");
  if (power === undefined) return digits;
  const [before, after = ""] = digits.split(".");
  const shift = Number(power);
  return shift < 0 ? `0.${"0".repeat(-shift - 1)}${before}${after}` : (before + after).padEnd(before.length + shift, "0");
}

/** To so many digits behind the point (or, if negative, before it), a half upwards. */
function rounded(exact, places) {
  const [before, after = ""] = exact.split(".");
  if (after.length <= places) return exact;
  const keep = before.length + places;
  if (keep < 0) return "0";
  const all = before + after;
  const digits = String(BigInt(`0${all.slice(0, keep)}`) + (all[keep] >= "5" ? 1n : 0n)).padStart(keep, "0");
  if (places <= 0) return digits + "0".repeat(-places);
  const point = digits.length - places;
  return `${digits.slice(0, point) || "0"}.${digits.slice(point)}`;
}

/** With no more zeros at the end of the fraction than wanted, and no fewer. */
function trimmed(number, from) {
  const [before, after = ""] = number.split(".");
  const kept = after.replace(/0+$/, "").padEnd(Math.max(0, from), "0");
  return kept ? `${before}.${kept}` : before;
}

// What the engine, built without Unicode's tables, needs to know of the locales that an app uses: asked of this machine's Node, which has them all.
const UTC = { timeZone: "UTC" };
/** A Friday in September: no two of its numbers are alike, and its names are shorter where they can be. */
const SAMPLE = Date.UTC(2005, 8, 2, 5, 6, 7);
const WIDTHS = ["long", "short", "narrow"];
const CURRENCIES = "USD EUR GBP JPY CHF CAD AUD NZD CNY INR BRL MXN SEK NOK DKK PLN CZK HUF RON TRY ZAR KRW SGD HKD THB ILS AED UAH".split(" ");
const UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
const [FIRST_YEAR, LAST_YEAR] = [1970, 2038];
const MOST = 12;

/** Whether the code asks for any of this. */
export const wantsLocales = (code) => /\bIntl\s*[.[]|\.(?:toLocale(?:Date|Time)?String|localeCompare)\s*(?:\?\.)?\(/.test(code);

/** `{ locales, zones }` that texts name beside en-US and UTC. */
export function named(texts) {
  const [locales, zones] = [new Set(["en-US"]), new Set()];
  for (const text of texts) {
    for (const [, name] of text.matchAll(/["'`]([a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2})["'`]/g)) locales.add(name);
    for (const [, name] of text.matchAll(/(?:toLocale\w+|localeCompare|Intl\.\w+|[lL]ocales?["']?)\s*[(:=]\s*(?:\w+\s*,\s*)?\[?["'`]([a-z]{2})["'`]/g)) locales.add(name);
    for (const [, name] of text.matchAll(/["'`]([A-Z][A-Za-z]+\/[A-Z][A-Za-z_/-]+)["'`]/g)) zones.add(name);
  }
  const known = Intl.DateTimeFormat.supportedLocalesOf([...locales]).slice(0, MOST);
  return { locales: known, zones: [...zones].filter(isZone).slice(0, MOST) };
}

const isZone = (name) => {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
};

/** The data, as prelude/intl reads it. */
export const localeData = ({ locales, zones }) => ({
  locales: Object.fromEntries(locales.map((name) => [name, { ...numbers(name), ...dates(name), ...words(name) }])),
  zones: Object.fromEntries(zones.map((name) => [name, zone(name, locales)])),
  latin: latin(),
});

/** Letters and what they are without their marks, for sorting. */
function latin() {
  const pairs = [];
  for (let code = 0xc0; code < 0x2000; code = code === 0x24f ? 0x1e00 : code + 1) {
    const letter = String.fromCharCode(code);
    const base = letter.normalize("NFD").replace(/\p{M}/gu, "");
    if (base !== letter && /^[A-Za-z]$/.test(base)) pairs.push(letter + base);
  }
  return pairs.join("");
}

// Numbers.

function numbers(name) {
  const parts = (value, options) => new Intl.NumberFormat(name, options).formatToParts(value);
  const part = (type, value, options) => parts(value, options).find((one) => one.type === type)?.value ?? "";
  const before = (...of) => parts(...of).slice(0, parts(...of).findIndex((one) => one.type === "integer")).map((one) => one.value).join("");
  const digits = new Intl.NumberFormat(name, { useGrouping: false }).format(9876543210).split("").reverse().join("");
  const groups = parts(12345678901).filter((one) => one.type === "integer").map((one) => one.value.length);
  return {
    digits: digits === "0123456789" ? undefined : digits,
    decimal: part("decimal", 1.5), group: part("group", 1234567), minus: before(-1), plus: before(1, { signDisplay: "always" }), nan: part("nan", NaN),
    groups: [groups.at(-1), groups.at(-2)], least: parts(1234).some((one) => one.type === "group") ? 1 : 2,
    percent: shape(parts(0.5, { style: "percent" })),
    money: ["USD", "CHF"].map((currency) => [1, -1].map((sign) => shape(parts(sign * 5, { style: "currency", currency, maximumFractionDigits: 0 })).replace(/\u061c(?=\{-\})/, ""))),
    currencies: Object.fromEntries(CURRENCIES.map((currency) => [currency, ["symbol", "narrowSymbol"].map((currencyDisplay) => part("currency", 1, { style: "currency", currency, currencyDisplay }))])),
    compact: ["short", "long"].map((compactDisplay) => Array.from({ length: 12 }, (_, at) => {
      const [one, more] = [1, 2].map((times) => parts(times * 10 ** (at + 3), { notation: "compact", compactDisplay }));
      return [one.filter((piece) => piece.type === "integer").map((piece) => piece.value).join("").length, shape(one), shape(more)];
    })),
  };
}

/** `{n} %`: a number's surroundings. */
function shape(parts) {
  const names = { integer: "{n}", currency: "{c}", minusSign: "{-}", group: "", decimal: "", fraction: "" };
  return parts.map(({ type, value }) => names[type] ?? value).join("").replace(/\{n\}(?:\{n\})+/g, "{n}");
}

// Dates.

function dates(name) {
  const locale = `${name}-u-ca-gregory`;
  const format = (options, date = SAMPLE) => new Intl.DateTimeFormat(locale, { ...UTC, ...options });
  const part = (type, options, date = SAMPLE) => format(options).formatToParts(date).find((one) => one.type === type)?.value ?? "";
  const month = (at) => Date.UTC(2005, at, 4);
  const list = (count, make) => Array.from({ length: count }, (_, at) => make(at));
  const names = {
    // As a part of a date, and alone: other words in some languages.
    months: WIDTHS.map((width) => [{ month: width, day: "numeric" }, { month: width }].map((options) => list(12, (at) => part("month", options, month(at))))),
    days: WIDTHS.map((width) => list(7, (at) => part("weekday", { weekday: width }, Date.UTC(2005, 1, 6 + at)))),
    halves: [5, 17].map((hour) => part("dayPeriod", { hour: "numeric", hour12: true }, Date.UTC(2005, 2, 4, hour))),
    eras: WIDTHS.map((width) => [-1e14, SAMPLE].map((date) => part("era", { era: width }, date))),
  };
  const pattern = (options) => format(options).formatToParts(SAMPLE).map((one) => token(one, names, name)).join("");
  return { ...names, cycle: format({ hour: "numeric" }).resolvedOptions().hourCycle, patterns: patterns(pattern), styles: styles(pattern) };
}

/** Which of the forms that a part may have this one has: `{ml}` is a month's long name in a date, `{m2}` its number in two digits. */
function token({ type, value }, { months, days, halves }, name) {
  const latin = toLatin(value, name);
  const number = (letter, plain) => (latin === plain ? `{${letter}n}` : /^0\d$/.test(latin) && Number(latin) === Number(plain) ? `{${letter}2}` : undefined);
  switch (type) {
    case "weekday": return `{w${"lsn"[days.findIndex((list) => list[5] === value)] ?? "l"}}`;
    case "month": {
      const at = months.findIndex((forms) => forms.some((list) => list[8] === value));
      return number("m", "9") ?? `{${months[at]?.[0][8] === value ? "m" : "M"}${"lsa"[at] ?? "l"}}`;
    }
    case "day": return number("d", "2") ?? value;
    case "year": return latin === "05" ? "{y2}" : "{yn}";
    case "hour": return number("h", "5") ?? value;
    case "minute": return latin === "6" ? "{in}" : "{i2}";
    case "second": return latin === "7" ? "{sn}" : "{s2}";
    case "dayPeriod": return value === halves[0] ? "{a}" : value;
    case "era": return "{e}";
    default: return value.replace(/[{}]/g, "");
  }
}

function toLatin(text, name) {
  const digits = [...new Intl.NumberFormat(name, { useGrouping: false }).format(9876543210)].reverse();
  return text.replace(/\p{Nd}/gu, (digit) => (digits.includes(digit) ? String(digits.indexOf(digit)) : digit));
}

const FORMS = { w: ["long", "short", "narrow"], y: ["numeric", "2-digit"], m: ["numeric", "2-digit", "long", "short", "narrow"], d: ["numeric", "2-digit"] };
const FIELDS = { w: "weekday", y: "year", m: "month", d: "day", h: "hour", i: "minute", s: "second" };

/** Key → pattern: `wl,yn,ml,dn`, as prelude/intl/dates.js asks; each pattern once, by its number. */
function patterns(pattern) {
  const [all, keys] = [[], {}];
  const add = (key, options) => {
    const made = pattern(options);
    if (!all.includes(made)) all.push(made);
    keys[key] = all.indexOf(made);
  };
  const code = (form) => ({ numeric: "n", "2-digit": "2", long: "l", short: "s", narrow: "a" })[form];
  const choices = (field) => [undefined, ...FORMS[field]];
  for (const w of choices("w")) for (const y of choices("y")) for (const m of choices("m")) for (const d of choices("d")) {
    const chosen = Object.entries({ w, y, m, d }).filter(([, form]) => form);
    if (chosen.length) add(chosen.map(([field, form]) => field + code(form)).join(), Object.fromEntries(chosen.map(([field, form]) => [FIELDS[field], form])));
  }
  for (const h of ["numeric", "2-digit"]) for (const rest of [[], ["i"], ["i", "s"]]) for (const hour12 of [true, false]) {
    const options = { hour: h, ...Object.fromEntries(rest.map((field) => [FIELDS[field], "2-digit"])), ...(hour12 ? { hour12 } : { hourCycle: "h23" }) };
    add(["h" + code(h), ...rest, hour12 ? "12" : "24"].join(), options);
  }
  add("i,s", { minute: "2-digit", second: "2-digit" });
  add("i", { minute: "numeric" });
  add("s", { second: "numeric" });
  return { all, keys, joins: joins(pattern) };
}

/** How a date and a time stand together, by how the date's month is written. */
function joins(pattern) {
  const time = { hour: "numeric", minute: "2-digit" };
  const join = (date) => {
    const [first, second, both] = [pattern(date), pattern(time), pattern({ ...date, ...time })];
    return both.includes(first) && both.includes(second) ? both.replace(first, "{0}").replace(second, "{1}") : "{0}, {1}";
  };
  const day = { year: "numeric", day: "numeric" };
  return { n: join({ ...day, month: "numeric" }), s: join({ ...day, month: "short" }), l: join({ ...day, month: "long" }) };
}

function styles(pattern) {
  const names = ["full", "long", "medium", "short"];
  const date = Object.fromEntries(names.map((style) => [style, pattern({ dateStyle: style })]));
  const time = (cycle) => Object.fromEntries(names.map((style) => [style, pattern({ timeStyle: style, ...cycle }).replace(/\s*[([]?(?:UTC|Coordinated Universal Time|GMT[^{]*)[)\]]?$/, "")]));
  const join = Object.fromEntries(names.map((style) => {
    const both = pattern({ dateStyle: style, timeStyle: "short" });
    const short = pattern({ timeStyle: "short" });
    return [style, both.includes(date[style]) && both.includes(short) ? both.replace(date[style], "{0}").replace(short, "{1}") : "{0}, {1}"];
  }));
  return { date, time: time({}), join };
}

// Words.

const KINDS = { zero: "z", one: "1", two: "2", few: "f", many: "m", other: "o" };

function words(name) {
  const rules = ["cardinal", "ordinal"].map((type) => new Intl.PluralRules(name, { type }));
  const table = (rule) => Array.from({ length: 200 }, (_, number) => KINDS[rule.select(number)]).join("");
  const relative = (style) => Object.fromEntries(UNITS.map((unit) => [unit, relativeTo(name, style, unit, rules[0])]));
  const lists = ["conjunction", "disjunction", "unit"].map((type) => WIDTHS.map((style) => listed(new Intl.ListFormat(name, { type, style }))));
  return { plural: { table: rules.map(table), half: [0, 1, 2].map((number) => KINDS[rules[0].select(number + 0.5)]).join(""), million: KINDS[rules[0].select(1e6)] }, relative: ["long", "short"].map(relative), lists };
}

function relativeTo(name, style, unit, rule) {
  const [always, auto] = ["always", "auto"].map((numeric) => new Intl.RelativeTimeFormat(name, { style, numeric }));
  const by = {};
  for (let number = 0; number < 200; number++) by[rule.select(number)] ??= number;
  const shaped = (sign) => Object.fromEntries(Object.entries(by).map(([kind, number]) => [kind, always.formatToParts(sign * number || (sign < 0 ? -0 : 0), unit).map((part) => (part.type === "integer" ? "{n}" : part.value)).join("")]));
  const said = Object.fromEntries([-2, -1, 0, 1, 2].map((number) => [number, auto.format(number, unit)]).filter(([number, text]) => text !== always.format(number, unit)));
  return { past: shaped(-1), next: shaped(1), said };
}

/** What stands between two, and between the first, the middle and the last of more. */
function listed(format) {
  const between = (items, from, to) => items.slice(items.indexOf(from) + 1, items.indexOf(to)).join("");
  const [two, four] = [format.formatToParts(["A", "B"]), format.formatToParts(["A", "B", "C", "D"])].map((parts) => parts.map((part) => part.value));
  return [between(two, "A", "B"), between(four, "A", "B"), between(four, "C", "D")];
}

// Time zones.

/** Offsets from UTC in minutes, and since when (in minutes of the epoch); and what people call them. */
function zone(name, locales) {
  const offset = (time) => minutesFromUtc(name, time);
  const changes = [[Date.UTC(FIRST_YEAR, 0) / 60000, offset(Date.UTC(FIRST_YEAR, 0))]];
  const step = 14 * 24 * 60;
  for (let at = changes[0][0]; at < Date.UTC(LAST_YEAR, 0) / 60000; at += step) {
    if (offset((at + step) * 60000) === offset(at * 60000)) continue;
    let [low, high] = [at, at + step];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle * 60000) === offset(low * 60000)) low = middle;
      else high = middle;
    }
    changes.push([high, offset(high * 60000)]);
  }
  const called = (locale, width) => Object.fromEntries(changes.slice(-4).map(([at, minutes]) => [minutes, zoneName(locale, name, width, at * 60000)]));
  return { changes: changes.map((change) => change.join()).join(";"), names: Object.fromEntries(locales.map((locale) => [locale, { short: called(locale, "short"), long: called(locale, "long") }])) };
}

function minutesFromUtc(timeZone, time) {
  clocks[timeZone] ??= new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" });
  const { year, month, day, hour, minute } = Object.fromEntries(clocks[timeZone].formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - Math.floor(time / 60000) * 60000) / 60000);
}
const clocks = {};

const zoneName = (locale, timeZone, timeZoneName, time) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(time).find((part) => part.type === "timeZoneName").value;

// What Node says to all of this, the engine has to say, too: tests run this file in both.
const LOCALES = ["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "pt-BR", "pl-PL", "ru-RU", "ja-JP", "hi-IN", "ar-EG"];
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];
const DATES = [
  {}, { dateStyle: "full" }, { dateStyle: "short" }, { timeStyle: "short" }, { dateStyle: "medium", timeStyle: "short" }, { year: "numeric", month: "long", day: "numeric" },
  { weekday: "long", year: "numeric", month: "long", day: "numeric" }, { month: "short", day: "numeric" }, { year: "numeric", month: "2-digit", day: "2-digit" },
  { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }, { month: "long" },
];
const NUMBERS = [
  {}, { style: "percent" }, { style: "currency", currency: "USD" }, { style: "currency", currency: "EUR" }, { style: "currency", currency: "JPY" },
  { minimumFractionDigits: 2, maximumFractionDigits: 2 }, { maximumSignificantDigits: 3 }, { useGrouping: false }, { signDisplay: "always" }, { maximumFractionDigits: 0 },
];
const VALUES = [0, 1, -1, 1234, 12345.678, -1234567.891, 0.5, 1.005, 1e21, 0.000001];
const WORDS = ["b", "a", "B", "A", "é", "e", "z", "ä", "_x", "1", "10", "2", "résumé", "Resume", "resume", "Äpfel", "Zebra", "o"];
const when = new Date(Date.UTC(2026, 10, 9, 13, 5, 7));

/** Name → what is said. */
export function said() {
  const all = {};
  const say = (name, value) => (all[name] = value);
  for (const locale of LOCALES) {
    for (const [at, options] of DATES.entries()) for (const timeZone of ZONES) say(`date ${locale} ${at} ${timeZone}`, new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(when));
    for (const [at, options] of NUMBERS.entries()) for (const value of VALUES) say(`number ${locale} ${at} ${value}`, new Intl.NumberFormat(locale, options).format(value));
    for (const type of ["cardinal", "ordinal"]) for (const number of [0, 1, 2, 3, 5, 11, 21, 22, 101, 1000000, 1.5]) say(`plural ${locale} ${type} ${number}`, new Intl.PluralRules(locale, { type }).select(number));
    for (const type of ["conjunction", "disjunction"]) for (const items of [["a"], ["a", "b"], ["a", "b", "c", "d"]]) say(`list ${locale} ${type} ${items.length}`, new Intl.ListFormat(locale, { type }).format(items));
    for (const unit of ["minute", "day", "months"]) for (const number of [-2, -1, 0, 1, 5]) say(`relative ${locale} ${unit} ${number}`, new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(number, unit));
    say(`sorted ${locale}`, [...WORDS].sort(new Intl.Collator(locale).compare).join());
    say(`sorted by number ${locale}`, [...WORDS].sort((one, other) => one.localeCompare(other, locale, { numeric: true, sensitivity: "base" })).join());
    say(`methods ${locale}`, [when.toLocaleString(locale, { timeZone: "UTC" }), when.toLocaleDateString(locale, { timeZone: "UTC" }), when.toLocaleTimeString(locale, { timeZone: "UTC" }), (1234.5).toLocaleString(locale)].join(" | "));
  }
  for (const time of [Date.UTC(2026, 2, 29, 0, 59, 59), Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(1999, 6, 1)]) {
    for (const timeZoneName of ["short", "long"]) say(`zone ${time} ${timeZoneName}`, new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Berlin", hour: "numeric", minute: "2-digit", timeZoneName }).format(time));
  }
  for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) say(form, ["Crème Brûlée", "ﬁn", "e\u0301", "Å", "가", "𝒜"].map((text) => text.normalize(form)).join());
  say("slug", "Crème Brûlée".normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase());
  return all;
}

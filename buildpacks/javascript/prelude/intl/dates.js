// Intl.DateTimeFormat, in the zones that the app was built with.
import { option, parts, resolve, supported, text, zones } from "./locale.js";

const FORMS = { numeric: "n", "2-digit": "2", long: "l", short: "s", narrow: "a" };
const DATE = ["weekday", "year", "month", "day"];
const TIME = ["hour", "minute", "second"];
const STYLES = ["full", "long", "medium", "short"];
const WIDTH = { l: 0, s: 1, a: 2, n: 2 };

export class DateTimeFormat {
  #facts;
  #key;
  #is;
  #pattern;
  /** `wanted`: what is meant if the options name nothing: "date", "time" or "all". */
  constructor(locales, options, wanted = "date") {
    const { name, facts, key } = resolve(locales);
    [this.#facts, this.#key] = [facts, key];
    const forms = Object.fromEntries(["weekday", "era", ...DATE.slice(1), ...TIME, "timeZoneName"].map((field) => [field, option(options, field)]).filter(([, form]) => form !== undefined));
    const dateStyle = option(options, "dateStyle", STYLES), timeStyle = option(options, "timeStyle", STYLES);
    if ((dateStyle || timeStyle) && Object.keys(forms).length) throw new TypeError("Can't set option " + Object.keys(forms)[0] + " when " + (dateStyle ? "dateStyle" : "timeStyle") + " is used");
    if (!dateStyle && !timeStyle) {
      const none = (fields) => !fields.some((field) => forms[field]);
      const all = none([...DATE, ...TIME]) && options?.fractionalSecondDigits === undefined;
      if (wanted === "date" ? all : wanted === "dates" ? none(DATE) : all && wanted === "all") Object.assign(forms, { year: "numeric", month: "numeric", day: "numeric", ...forms });
      if (wanted === "times" ? none(TIME) : all && wanted === "all") Object.assign(forms, { hour: "numeric", minute: "numeric", second: "numeric", ...forms });
    }
    const hour12 = options?.hour12 ?? (options?.hourCycle ? /^h1[12]$/.test(options.hourCycle) : /^h1[12]$/.test(facts.cycle));
    const hours = Boolean(forms.hour || timeStyle);
    this.#is = { locale: name, calendar: "gregory", numberingSystem: "latn", timeZone: zone(option(options, "timeZone", undefined, "UTC")), ...(hours && { hourCycle: hour12 ? "h12" : "h23", hour12 }), ...forms, dateStyle, timeStyle };
    for (const field of ["dateStyle", "timeStyle"]) if (this.#is[field] === undefined) delete this.#is[field];
    this.#is.fractionalSecondDigits = options?.fractionalSecondDigits;
    this.#pattern = dateStyle || timeStyle ? this.#styled(dateStyle, timeStyle, options) : this.#chosen(forms, hour12);
    // As V8 has it: the narrow space of newer tables broke programs that read such texts.
    this.format = (date) => text(this.formatToParts(date)).replaceAll("\u202f", " ");
  }
  static supportedLocalesOf = supported;
  resolvedOptions() {
    const { fractionalSecondDigits, ...is } = this.#is;
    return fractionalSecondDigits === undefined ? is : { ...is, fractionalSecondDigits };
  }
  formatRange(from, to) {
    const [first, last] = [this.format(from), this.format(to)];
    return first === last ? first : `${first} – ${last}`;
  }
  formatToParts(date = Date.now()) {
    const time = Number(date);
    if (!Number.isFinite(time)) throw new RangeError("Invalid time value");
    const { timeZone } = this.#is;
    const offset = offsetAt(timeZone, time);
    const there = new Date(time + offset * 60000);
    return parts(this.#pattern, (token) => this.#part(token, there, offset));
  }
  #styled(dateStyle, timeStyle, options) {
    const { styles } = this.#facts;
    let time = timeStyle && styles.time[timeStyle];
    const asked = options?.hour12 ?? (options?.hourCycle && /^h1[12]$/.test(options.hourCycle));
    if (time && asked !== undefined) time = this.#lookup(["h" + (/\{h2\}/.test(time) && !asked ? "2" : "n"), "i", ...(timeStyle === "short" ? [] : ["s"]), asked ? "12" : "24"].join()) ?? time;
    if (timeStyle === "full" || timeStyle === "long") time += timeStyle === "full" ? " {zl}" : " {zs}";
    if (!dateStyle || !timeStyle) return dateStyle ? styles.date[dateStyle] : time;
    return styles.join[dateStyle].replace("{0}", () => styles.date[dateStyle]).replace("{1}", () => time);
  }
  #lookup(key) {
    const at = this.#facts.patterns.keys[key];
    return at === undefined ? undefined : this.#facts.patterns.all[at];
  }
  #chosen(forms, hour12) {
    const day = DATE.filter((field) => forms[field]).map((field) => field[0] + (FORMS[forms[field]] ?? "n")).join();
    let date = day && (this.#lookup(day) ?? "");
    if (forms.era) date += " {e" + (FORMS[forms.era] ?? "s") + "}";
    let time = "";
    if (forms.hour) {
      // Seconds without minutes are nobody's wish.
      const key = (hour) => [hour, ...(forms.minute || forms.second ? ["i"] : []), ...(forms.second ? ["s"] : []), hour12 ? "12" : "24"].join();
      time = this.#lookup(key(forms.hour === "2-digit" ? "h2" : "hn"));
    } else if (forms.minute || forms.second) {
      time = this.#lookup([forms.minute && "i", forms.second && "s"].filter(Boolean).join());
    }
    if (this.#is.fractionalSecondDigits) time = time ? time.replace(/\{s[n2]\}/, `$&.{f${this.#is.fractionalSecondDigits}}`) : `{f${this.#is.fractionalSecondDigits}}`;
    if (forms.timeZoneName) (time ? (time += ` {z${forms.timeZoneName === "long" ? "l" : "s"}}`) : (date += `${date && ", "}{z${forms.timeZoneName === "long" ? "l" : "s"}}`));
    if (!date || !time) return date || time;
    const join = this.#facts.patterns.joins[{ long: "l", short: "s" }[forms.month] ?? "n"];
    return join.replace("{0}", () => date).replace("{1}", () => time);
  }
  #part([field, form], date, offset) {
    const { months, days, halves, eras, digits } = this.#facts;
    const native = (value) => (digits ? String(value).replace(/\d/g, (digit) => digits[digit]) : String(value));
    const number = (type, value) => ({ type, value: native(form === "2" ? String(value % 100).padStart(2, "0") : value) });
    const year = date.getUTCFullYear();
    switch (field) {
      case "w": return { type: "weekday", value: days[WIDTH[form]][date.getUTCDay()] };
      case "M": return { type: "month", value: months[WIDTH[form]][1][date.getUTCMonth()] };
      case "m": return form in WIDTH && form !== "n" ? { type: "month", value: months[WIDTH[form]][0][date.getUTCMonth()] } : number("month", date.getUTCMonth() + 1);
      case "d": return number("day", date.getUTCDate());
      case "y": return number("year", year > 0 ? year : 1 - year);
      case "h": return number("hour", this.#is.hour12 ? date.getUTCHours() % 12 || 12 : date.getUTCHours());
      case "i": return number("minute", date.getUTCMinutes());
      case "s": return number("second", date.getUTCSeconds());
      case "f": return { type: "fractionalSecond", value: native(String(date.getUTCMilliseconds()).padStart(3, "0").slice(0, Number(form))) };
      case "a": return { type: "dayPeriod", value: halves[date.getUTCHours() < 12 ? 0 : 1] };
      case "e": return { type: "era", value: eras[{ l: 0, s: 1, a: 2 }[form] ?? 1][year > 0 ? 1 : 0] };
      default: return { type: "timeZoneName", value: this.#zoneName(form === "l" ? "long" : "short", offset) };
    }
  }
  #zoneName(width, offset) {
    const { timeZone } = this.#is;
    if (timeZone === "UTC") return width === "long" ? "Coordinated Universal Time" : "UTC";
    return zones()[timeZone]?.names[this.#key]?.[width]?.[offset] ?? gmt(offset);
  }
}

function gmt(offset) {
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return offset ? `GMT${offset < 0 ? "-" : "+"}${hours}${minutes ? ":" + String(minutes).padStart(2, "0") : ""}` : "GMT";
}

/** The zone by the name it was built with, or an offset. */
function zone(name) {
  if (/^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu)$/i.test(name)) return "UTC";
  if (/^[+-]\d\d(?::?\d\d)?$/.test(name)) return name;
  const found = Object.keys(zones()).find((one) => one.toLowerCase() === name.toLowerCase());
  if (!found) throw new RangeError(`Invalid time zone specified: ${name} (an app on this platform knows UTC and the zones that its source names as texts)`);
  return found;
}

const tables = new Map();
function offsetAt(name, time) {
  if (name === "UTC") return 0;
  if (/^[+-]/.test(name)) return (name[0] === "-" ? -1 : 1) * (Number(name.slice(1, 3)) * 60 + Number(name.slice(-2) === name.slice(1, 3) && name.length === 3 ? 0 : name.slice(-2)));
  if (!tables.has(name)) tables.set(name, zones()[name].changes.split(";").map((change) => change.split(",").map(Number)));
  const table = tables.get(name);
  const minutes = Math.floor(time / 60000);
  return (table.findLast(([from]) => from <= minutes) ?? table[0])[1];
}

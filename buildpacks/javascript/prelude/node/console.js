// node:console: the one that there is.
export const { console } = globalThis;
export class Console {
  constructor() {
    return Object.create(globalThis.console);
  }
}
export const { assert, count, countReset, debug, dir, error, group, groupCollapsed, groupEnd, info, log, table, time, timeEnd, timeLog, trace, warn } = globalThis.console;
export default Object.assign(Object.create(globalThis.console), { Console, console: globalThis.console });

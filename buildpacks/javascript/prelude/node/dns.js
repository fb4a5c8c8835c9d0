// node:dns: this machine has one name; all others are the platform's to resolve, when a request leaves.
const ADDRESS = "127.0.0.1";
const unknown = (name) => Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND", hostname: name, syscall: "getaddrinfo" });
const isSelf = (name) => ["localhost", ADDRESS, "0.0.0.0", "::", "::1", undefined].includes(name);

export function lookup(name, options, callback = options) {
  const { all = false } = typeof options === "object" ? options : {};
  process.nextTick(() => {
    if (!isSelf(name)) callback(unknown(name));
    else if (all) callback(null, [{ address: ADDRESS, family: 4 }]);
    else callback(null, ADDRESS, 4);
  });
}
export const promises = {
  lookup: (name, options = {}) =>
    new Promise((resolve, reject) => lookup(name, options, (error, address, family) => (error ? reject(error) : resolve(options.all ? address : { address, family })))),
};
export const setDefaultResultOrder = () => {};
export const getDefaultResultOrder = () => "verbatim";
export const [ADDRCONFIG, ALL, V4MAPPED] = [32, 16, 8];

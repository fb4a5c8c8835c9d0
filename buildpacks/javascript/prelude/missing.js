// A module that cannot exist here. It can be loaded and looked at, since packages do so with modules that they never use; using it throws.
export function missing(name) {
  const use = () => {
    throw Object.assign(new Error(`${name} is not available in an app on this platform`), { code: "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM" });
  };
  const get = (target, key) => {
    if (key === "prototype") return target.prototype;
    if (key === "default") return missing(name);
    if (typeof key === "symbol" || key === "then" || key === "__esModule") return undefined;
    return missing(`${name}.${key}`);
  };
  // What `import { x }` and `import *` find is an object of the bundler's own, which inherits what the module inherits.
  const shell = Object.setPrototypeOf(function () {}, new Proxy({}, { get }));
  return new Proxy(shell, {
    get,
    apply: use,
    construct: use,
  });
}

// String.prototype.normalize, for bundles that use it: the engine was built without Unicode's tables.
import unorm from "unorm";

const FORMS = { NFC: unorm.nfc, NFD: unorm.nfd, NFKC: unorm.nfkc, NFKD: unorm.nfkd };

Object.defineProperty(String.prototype, "normalize", {
  writable: true,
  configurable: true,
  value: function normalize(form = "NFC") {
    if (!Object.hasOwn(FORMS, String(form))) throw new RangeError("The normalization form should be one of NFC, NFD, NFKC, NFKD.");
    const text = String(this);
    return /^[\0-\x7f]*$/.test(text) ? text : FORMS[form](text);
  },
});

// Streams as iterables, and text streams.

/** A method that the engine does not have yet. */
function add(type, name, value) {
  if (!(name in type)) Object.defineProperty(type, name, { value, writable: true, configurable: true });
}

async function* values({ preventCancel = false } = {}) {
  const reader = this.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended && !preventCancel) await reader.cancel();
    reader.releaseLock();
  }
}
add(ReadableStream.prototype, "values", values);
add(ReadableStream.prototype, Symbol.asyncIterator, values);

add(ReadableStream, "from", (iterable) => {
  const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(await value);
    },
    cancel: (reason) => iterator.return?.(reason),
  });
});

class TextEncoderStream extends TransformStream {
  constructor() {
    const encoder = new TextEncoder();
    super({ transform: (text, controller) => controller.enqueue(encoder.encode(String(text))) });
  }
  get encoding() {
    return "utf-8";
  }
}

class TextDecoderStream extends TransformStream {
  #decoder;
  constructor(label = "utf-8", options = {}) {
    const decoder = new TextDecoder(label, options);
    super({
      transform(chunk, controller) {
        const text = decoder.decode(chunk, { stream: true });
        if (text) controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text) controller.enqueue(text);
      },
    });
    this.#decoder = decoder;
  }
  get encoding() {
    return this.#decoder.encoding;
  }
}
add(globalThis, "TextEncoderStream", TextEncoderStream);
add(globalThis, "TextDecoderStream", TextDecoderStream);

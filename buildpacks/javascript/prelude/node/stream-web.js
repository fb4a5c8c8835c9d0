export const {
  ReadableStream, ReadableStreamDefaultReader, WritableStream, TransformStream, ByteLengthQueuingStrategy, CountQueuingStrategy,
  CompressionStream, DecompressionStream, TextEncoderStream, TextDecoderStream,
} = globalThis;

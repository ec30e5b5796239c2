import type { Engine } from "./engine.ts";

/** The same engine, except for how it generates. */
export function withGenerate(engine: Engine, generate: Engine["generate"]): Engine {
  return {
    generate,
    embed: (texts, signal) => engine.embed(texts, signal),
    tokenize: (text, options) => engine.tokenize(text, options),
    status: () => engine.status(),
    loadAdapter: (request) => engine.loadAdapter(request),
    unloadAdapter: (name) => engine.unloadAdapter(name),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

import { PlatformError, type Span, spanOf } from "../../foundation/index.ts";
import {
  type Engine,
  type GenerateEvent,
  type GenerateRequest,
  type Timings,
  withGenerate,
} from "../../inference/index.ts";
import { replyValues } from "./span-values.ts";

/** The same promise; where a request is traced, its reply leaves the steps queue, prefill and decode. */
export function tracedEngine(engine: Engine): Engine {
  return withGenerate(engine, (request, signal) => {
    const span = spanOf(signal);
    const events = engine.generate(request, signal);
    return span?.kept === true ? traced(span, request, events) : events;
  });
}

async function* traced(
  span: Span,
  request: GenerateRequest,
  events: AsyncIterable<GenerateEvent>,
): AsyncGenerator<GenerateEvent> {
  const startMs = performance.now();
  let firstMs: number | undefined;
  for await (const event of events) {
    firstMs ??= performance.now() - startMs;
    if (event.type === "end") {
      span.note(replyValues(request, event, firstMs));
      noteSteps(span, startMs, event.timings);
    }
    yield event;
  }
}

/** The engine measures its steps itself; here they are only put behind each other. */
function noteSteps(
  span: Span,
  startMs: number,
  { queue_ms, prompt_ms, prompt_n, predicted_ms, predicted_n }: Timings,
): void {
  const steps = [
    { name: "queue", ms: queue_ms, values: {} },
    { name: "prefill", ms: prompt_ms, values: { "sektor.tokens": prompt_n } },
    { name: "decode", ms: predicted_ms, values: { "sektor.tokens": predicted_n } },
  ];
  let atMs = startMs;
  for (const { name, ms, values } of steps) {
    const step = span.child(name, { startMs: atMs });
    atMs += ms;
    step.note(values);
    step.end(undefined, atMs);
  }
}

/**
 * A reply as it comes, in a step of its own.
 * @param step ends with the reply, however that ends
 */
export async function* inStep(
  step: Span,
  request: GenerateRequest,
  events: AsyncIterable<GenerateEvent>,
  signal: AbortSignal | undefined,
): AsyncGenerator<GenerateEvent, void, void> {
  const startMs = performance.now();
  let firstMs: number | undefined;
  try {
    for await (const event of events) {
      firstMs ??= performance.now() - startMs;
      if (event.type === "end") {
        step.note(replyValues(request, event, firstMs));
        step.end();
      }
      yield event;
    }
  } catch (thrown) {
    step.end(signal?.aborted === true ? "request_aborted" : thrown instanceof PlatformError ? thrown.code : "internal");
    throw thrown;
  } finally {
    step.end("request_aborted");
  }
}

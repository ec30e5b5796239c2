import { afterEach, describe, expect, it } from "vitest";
import { Disposal } from "../../../../services/foundation/index.ts";
import { createLogger, openTracing, traceIdOf } from "../../../../services/observability/index.ts";
import { startOtlpReceiver } from "../../../support/otlp-receiver.ts";
import { openSpokenSession, type SpokenSessionScript } from "../../../support/spoken-session.ts";
import { everyTrace } from "../../../support/traced-gateway.ts";

let disposal = new Disposal();
afterEach(async () => {
  await disposal.close();
  disposal = new Disposal();
});

async function open(script: SpokenSessionScript = {}) {
  const receiver = disposal.own(await startOtlpReceiver(), (opened) => opened[Symbol.asyncDispose]());
  const settings = { ...everyTrace, endpoint: receiver.url };
  const log = createLogger("test", "silent");
  const tracing = await openTracing(settings, { service: "sektor", version: "1", log });
  if (tracing === undefined) throw new Error("Nothing is traced.");
  disposal.own(tracing, (opened) => opened[Symbol.asyncDispose]());
  const grounded: (string | undefined)[] = [];
  const house = await openSpokenSession({
    ...script,
    parts: { tracing },
    groundPrompt: async ({ systemPrompt }, signal) => {
      grounded.push(traceIdOf(signal));
      return { systemPrompt, found: [], used: [], quotes: [] };
    },
  });
  return { house, receiver, tracing, grounded };
}

describe("a spoken turn", () => {
  it("is a trace of its own, from the end of what was said to the end of the answer, and its turn belongs to it", async () => {
    const { house, receiver, tracing, grounded } = await open({ recognizer: { hear: () => "legal soru" } });
    await house.say();
    await house.wait(6000);
    await tracing[Symbol.asyncDispose]();
    const named = (name: string) => receiver.spans.filter((span) => span.name === name);
    const [turn, listen, speak] = [...named("voice turn"), ...named("listen"), ...named("speak")];
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual(["listen", "speak", "voice turn"]);
    expect(turn).toMatchObject({ parentSpanId: "", kind: 2, status: 0 });
    expect(turn?.values).toMatchObject({
      "sektor.sector": "legal",
      "sektor.adapter": "legal@1",
      "sektor.outcome": "completed",
    });
    for (const step of [listen, speak]) expect(step?.parentSpanId).toBe(turn?.spanId);
    expect(listen?.values).toMatchObject({ "sektor.speech_ms": expect.any(Number) });
    expect(grounded).toEqual([turn?.traceId]);
    expect(receiver.bytes).not.toMatch(/legal soru|Tabii/);
  });

  it("says that it was interrupted, which is no failure", async () => {
    let heard = "legal soru";
    const { house, receiver, tracing } = await open({ recognizer: { hear: () => heard } });
    await house.say();
    await house.wait(992);
    heard = "bir dakika";
    await house.say();
    await house.wait(6000);
    await tracing[Symbol.asyncDispose]();
    const turns = receiver.spans.filter(({ name }) => name === "voice turn");
    expect(turns.map(({ values }) => values["sektor.outcome"])).toEqual(["interrupted", "completed"]);
    expect(turns.map(({ status }) => status)).toEqual([0, 0]);
  });
});

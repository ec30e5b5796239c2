import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createMemoryKnowledge } from "../../../../services/retrieval/memory-knowledge.ts";
import { HttpSynthesizer } from "../../../../services/speech/synthesis/http/http-synthesizer.ts";
import { loudnessOf, spoken } from "../../../conformance/synthesizer.conformance.ts";
import { buildTestGateway } from "../../../support/gateway.ts";
import { scriptedRecognizer, scriptedSynthesizer, scriptedVoiceActivity } from "../../../support/speech.ts";
import { sectorsWith, wordRouter } from "../../conversation/parts.ts";

it("speaks through another gateway's /v1/audio/speech as through anybody's", async () => {
  const far = scriptedSynthesizer();
  const { app } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    speech: { recognizer: scriptedRecognizer(), synthesizer: far, voiceActivity: scriptedVoiceActivity() },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const near = new HttpSynthesizer({
    url: `http://127.0.0.1:${port}/v1`,
    token: "",
    model: "tts-1",
    voice: "",
    queueLimit: 4,
    timeoutMs: 10_000,
  });
  try {
    await near.ready();
    const text = "Merhaba, size nasıl yardımcı olabilirim?";
    const samples = await spoken(near, { text, voice: "tr+f2", speed: 2 });
    expect(far.utterances.at(-1)).toMatchObject({ text, voice: "tr+f2", speed: 2 });
    // It hums 60 ms a character.
    expect(samples.length / near.sampleRate).toBeCloseTo((text.length * 0.06) / 2, 1);
    expect(loudnessOf(samples)).toBeGreaterThan(3000);
    await expect(spoken(near, { text, voice: "yok böyle" })).rejects.toMatchObject({ code: "voice_unknown" });
  } finally {
    await near[Symbol.asyncDispose]();
    await app.close();
  }
});

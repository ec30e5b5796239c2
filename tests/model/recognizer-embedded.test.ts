import { afterAll, describe, expect, it } from "vitest";
import { sileroActivity } from "../../services/speech/activity/silero-activity.ts";
import { voiceFrameSamples } from "../../services/speech/index.ts";
import { embeddedEngine } from "../../services/speech/recognition/embedded-engine.ts";
import { queuedRecognizer } from "../../services/speech/recognition/queued-recognizer.ts";
import { describeRecognizer } from "../conformance/recognizer.conformance.ts";
import { openInferenceHost, recordedQuestion } from "../support/recording.ts";
import { silence } from "../support/speech.ts";

const never = new AbortController().signal;
const question = recordedQuestion();

function open() {
  const said: string[] = [];
  const note = (_: object, event: string) => void said.push(event);
  const host = openInferenceHost();
  const engine = embeddedEngine(host, { debug: note, info: note, warn: note, error: note });
  const recognizer = queuedRecognizer(engine, { queueLimit: 64, timeoutMs: 60_000 });
  return {
    host,
    recognizer,
    said,
    async [Symbol.asyncDispose]() {
      await recognizer[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}

describeRecognizer("embedded", async () => {
  const { recognizer, ...opened } = open();
  return { recognizer, speech: question, said: /^kargom nerede/, [Symbol.asyncDispose]: opened[Symbol.asyncDispose] };
});

describe("the embedded recogniser", () => {
  const opened = open();
  const { recognizer, host } = opened;
  afterAll(() => opened[Symbol.asyncDispose]());

  it("says once, and of itself, that it knows synthetic speech only", async () => {
    await recognizer.ready();
    await recognizer.ready();
    expect(recognizer.syntheticOnly).toBe(true);
    expect(opened.said).toEqual(["recognizer-synthetic-only"]);
  });

  it("hears every word of a clear sentence, with its place in the recording", async () => {
    const { text, confidence, words } = await recognizer.recognize(question, {}, never);
    expect(text).toBe("kargom nerede kaldı öğrenebilir miyim");
    expect(confidence).toBeGreaterThan(0.6);
    expect(words).toHaveLength(5);
    expect(words[0]?.startMs).toBeLessThan(200);
    expect(words[4]?.endMs).toBeGreaterThan(2300);
  });

  it("hears the beginning of what is still being said", async () => {
    const { text } = await recognizer.recognize(question.subarray(0, 20_000), { partial: true }, never);
    expect(text).toMatch(/^kargom ner/);
  });

  it("hears nothing in digital silence", async () => {
    expect(await recognizer.recognize(silence(2000), {}, never)).toEqual({ text: "", confidence: 0, words: [] });
  });

  it("hears the same however loud it is", async () => {
    const loud = await recognizer.recognize(question, {}, never);
    const quiet = await recognizer.recognize(
      question.map((sample) => sample / 50),
      {},
      never,
    );
    expect(quiet.text).toBe(loud.text);
  });

  it("leaves voice activity its turns while much waits to be recognised", async () => {
    const stream = sileroActivity(host).open();
    await stream.feed(new Float32Array(voiceFrameSamples));
    let recognised = 0;
    const work = Array.from({ length: 10 }, () =>
      recognizer.recognize(question, {}, never).then(() => {
        recognised += 1;
      }),
    );
    await stream.feed(new Float32Array(voiceFrameSamples));
    expect(recognised).toBeLessThan(3);
    await Promise.all(work);
  });
});

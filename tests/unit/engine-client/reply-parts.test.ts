import { describe, expect, it } from "vitest";
import { readEvents } from "../../../services/engine-client/event-reader.ts";
import { speakable } from "../../../services/engine-client/refusal.ts";
import { readReply } from "../../../services/engine-client/reply-reader.ts";
import { withoutOldestTurns } from "../../../services/engine-client/shorten.ts";
import { StopGuard } from "../../../services/engine-client/stop-guard.ts";
import { Stopwatch } from "../../../services/engine-client/stopwatch.ts";
import type { ChatMessage, GenerateEvent } from "../../../services/inference/index.ts";

describe("server-sent events", () => {
  async function read(pieces: readonly Buffer[]): Promise<readonly string[]> {
    const events: string[] = [];
    for await (const batch of readEvents(from(pieces))) events.push(...batch);
    return events;
  }
  async function* from(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
    yield* pieces;
  }

  it("come out whole wherever the network cut them, letters included", async () => {
    const wire = Buffer.from("data: çığ\r\n\r\n: ping\n\ndata: öşü\ndata: €\n\ndata: [DONE]\n\ndata: sonra\n\n");
    const bytes = Array.from(wire, (byte) => Buffer.from([byte]));
    expect(await read(bytes)).toEqual(["çığ", "öşü\n€"]);
    expect(await read([wire])).toEqual(["çığ", "öşü\n€"]);
  });

  it("are given up when one does not end", async () => {
    const endless = Array.from({ length: 70 }, () => Buffer.alloc(65_536, "x"));
    await expect(read([Buffer.from("data: "), ...endless])).rejects.toMatchObject({ code: "engine_failed" });
  });
});

describe("a stop guard", () => {
  const through = (stops: readonly string[], pieces: readonly string[]) => {
    const guard = new StopGuard(stops);
    return pieces.map((piece) => guard.push(piece)).join("") + guard.end();
  };

  it("cuts before the first stop string, however it was split", () => {
    expect(through(["SON"], ["bir S", "O", "N iki"])).toBe("bir ");
    expect(through(["iki", "bir"], ["bir iki"])).toBe("");
  });

  it("gives back what only looked like one", () => {
    expect(through(["SONRA"], ["SON", " söz"])).toBe("SON söz");
    expect(through(["SONRA"], ["SON"])).toBe("SON");
    expect(through([""], ["SON"])).toBe("SON");
  });
});

describe("a conversation that must be shorter", () => {
  const message = (role: ChatMessage["role"], content: string): ChatMessage => ({ role, content });
  const whole = [
    message("system", "s"),
    message("user", "1"),
    message("assistant", "a1"),
    message("tool", "t1"),
    message("user", "2"),
    message("assistant", "a2"),
    message("user", "3"),
  ];
  const contents = (messages: readonly ChatMessage[] | undefined) => messages?.map(({ content }) => content);

  it("loses its oldest turns, each with what answered it", () => {
    expect(contents(withoutOldestTurns(whole, 0.2))).toEqual(["s", "2", "a2", "3"]);
    expect(contents(withoutOldestTurns(whole, 0.8))).toEqual(["s", "3"]);
  });

  it("keeps system messages and the last message, and says when nothing else is left", () => {
    const rest = withoutOldestTurns(whole, 1);
    expect(contents(rest)).toEqual(["s", "3"]);
    expect(withoutOldestTurns(rest ?? [], 0.5)).toBeUndefined();
  });
});

describe("an engine's words", () => {
  it.each([
    ["cannot open /srv/models/a b.gguf: No such file", /srv|models/],
    ["connect to http://user:pw@10.1.2.3:8000/v1 failed", /pw|10\.1|8000/],
    ["C:\\models\\base.gguf is missing", /models/],
    ["bad value {'input': 'TC 12345678901'}", /12345/],
    ["host 192.168.1.20:9000 refused", /192/],
  ])("are passed on without %s", (message, secret) => {
    expect(speakable(message)).not.toMatch(secret);
  });

  it("stay readable, and short", () => {
    expect(speakable("`max_new_tokens` must be <= 512. Given: 600")).toBe(
      "`max_new_tokens` must be <= 512. Given: 600",
    );
    expect(speakable(`${"uzun ".repeat(200)}`).length).toBeLessThanOrEqual(300);
  });
});

describe("a reply", () => {
  const chunk = (delta: object, logprobs?: readonly string[]): string =>
    JSON.stringify({
      choices: [
        {
          delta,
          ...(logprobs === undefined
            ? {}
            : { logprobs: { content: logprobs.map((token) => ({ token, logprob: -1 })) } }),
        },
      ],
    });
  const call = { tool_calls: [{ index: 0, id: "call_1", function: { name: "saat", arguments: "{}" } }] };
  const finish = JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] });

  async function* arriving(batches: readonly (readonly string[])[]): AsyncGenerator<readonly string[]> {
    yield* batches;
  }
  async function told(batches: readonly (readonly string[])[], topLogprobs?: number) {
    const events: GenerateEvent[] = [];
    const options = { stopwatch: new Stopwatch(() => 0), topLogprobs, guard: undefined, fail: () => new Error("gone") };
    const reading = async (): Promise<void> => {
      for await (const event of readReply(arriving(batches), options)) events.push(event);
    };
    const failure = await reading().catch((thrown: unknown) => thrown);
    return { events, failure };
  }

  it("tells pieces of text that came together as one, up to whatever else came between them", async () => {
    const { events } = await told([
      [chunk({ content: "Mer" }), chunk({ content: "haba" })],
      [chunk({ content: "," }), chunk(call), chunk({ content: "" }), finish],
    ]);
    expect(events.map((event) => ("text" in event ? event.text : event.type))).toEqual([
      "Merhaba",
      ",",
      "tool-call",
      "end",
    ]);
  });

  it("keeps the log-probability of every token, in order", async () => {
    const { events } = await told(
      [[chunk({ content: "Mer" }, ["Mer"]), chunk({ content: "haba" }, ["haba"]), finish]],
      0,
    );
    expect(events[0]).toMatchObject({ text: "Merhaba", logprobs: [{ token: "Mer" }, { token: "haba" }] });
  });

  it("tells what was said before a failure that came with it", async () => {
    const { events, failure } = await told([[chunk({ content: "Mer" }), chunk({ content: "haba" }), '{"error":{}}']]);
    expect(events).toEqual([{ type: "text-delta", text: "Merhaba" }]);
    expect(failure).toMatchObject({ message: "gone" });
  });
});

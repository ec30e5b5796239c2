import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

let serve: ServeProcess;
let client: OpenAI;
beforeAll(async () => {
  serve = await startServe();
  client = new OpenAI({ baseURL: `${serve.url}/v1`, apiKey: "loopback-needs-none", maxRetries: 0 });
});
afterAll(async () => {
  await serve?.stop();
});

const question = [{ role: "user" as const, content: "Kredi kartı borcumu yapılandırmak istiyorum" }];

describe("the stock openai client", () => {
  it("chats through the router with model auto", async () => {
    const completion = await client.chat.completions.create({ model: "auto", messages: question });
    expect(completion.model).toBe("finance_banking@3");
    expect(completion.choices[0]?.message.content).toMatch(/\p{L}{3}/u);
    expect(completion).toMatchObject({
      sector: "finance_banking",
      routing: { routed_by: "router" },
      timings: { predicted_n: expect.any(Number) },
    });
  });

  it("picks a sector, a version and the base by the model's name", async () => {
    for (const [model, answered] of [
      ["legal", "legal@3"],
      ["legal@3", "legal@3"],
      ["sektor-base-v1", "sektor-base-v1"],
    ] as const) {
      const completion = await client.chat.completions.create({ model, messages: question, max_tokens: 4 });
      expect(completion.model).toBe(answered);
    }
  });

  it("streams the same text as without streaming when greedy, with usage at the end when asked", async () => {
    const whole = await client.chat.completions.create({
      model: "auto",
      messages: question,
      temperature: 0,
      max_tokens: 40,
    });
    const stream = await client.chat.completions.create({
      model: "auto",
      messages: question,
      temperature: 0,
      max_tokens: 40,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  it("gets JSON that fits its schema, forced by a grammar", async () => {
    const completion = await client.chat.completions.create({
      model: "finance_banking",
      messages: question,
      max_tokens: 200,
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "talep",
          strict: true,
          schema: {
            type: "object",
            properties: {
              konu: { enum: ["borc", "kredi", "hesap"] },
              aciliyet: { type: "integer" },
              tekrar: { type: "boolean" },
            },
            required: ["konu", "aciliyet", "tekrar"],
            additionalProperties: false,
          },
        },
      },
    });
    const value = JSON.parse(completion.choices[0]?.message.content ?? "");
    expect(["borc", "kredi", "hesap"]).toContain(value.konu);
    expect(Number.isInteger(value.aciliyet)).toBe(true);
    expect(typeof value.tekrar).toBe("boolean");
  });

  it("gets the tool call it insists on, with arguments that fit", async () => {
    const completion = await client.chat.completions.create({
      model: "telecommunications",
      messages: [{ role: "user", content: "Faturamı göster" }],
      max_tokens: 120,
      tools: [
        {
          type: "function",
          function: {
            name: "get_current_bill",
            parameters: {
              type: "object",
              properties: { ay: { enum: ["bu", "gecen"] } },
              required: ["ay"],
              additionalProperties: false,
            },
          },
        },
      ],
      tool_choice: "required",
    });
    const [choice] = completion.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    const call = choice?.message.tool_calls?.[0];
    if (call?.type !== "function") throw new Error("There is no function call.");
    expect(call.function.name).toBe("get_current_bill");
    expect(["bu", "gecen"]).toContain(JSON.parse(call.function.arguments).ay);
  });

  it("gets n choices, log-probabilities, stops and seeds", async () => {
    const completion = await client.chat.completions.create({
      model: "legal",
      messages: question,
      n: 3,
      temperature: 1,
      seed: 7,
      max_tokens: 12,
    });
    expect(completion.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(completion.choices.map(({ message }) => message.content)).size).toBeGreaterThan(1);
    const again = await client.chat.completions.create({
      model: "legal",
      messages: question,
      n: 3,
      temperature: 1,
      seed: 7,
      max_tokens: 12,
    });
    expect(again.choices.map(({ message }) => message.content)).toEqual(
      completion.choices.map(({ message }) => message.content),
    );

    const probable = await client.chat.completions.create({
      model: "legal",
      messages: question,
      logprobs: true,
      top_logprobs: 3,
      max_tokens: 5,
    });
    const tokens = probable.choices[0]?.logprobs?.content ?? [];
    expect(tokens.length).toBeGreaterThan(0);
    for (const token of tokens) {
      expect(token.logprob).toBeLessThanOrEqual(0);
      expect(token.top_logprobs).toHaveLength(3);
    }
    expect(tokens.map(({ token }) => token).join("")).toBe(probable.choices[0]?.message.content);

    const stopped = await client.chat.completions.create({
      model: "legal",
      messages: question,
      temperature: 0,
      stop: ["."],
    });
    expect(stopped.choices[0]?.message.content).not.toContain(".");
    expect(stopped.choices[0]?.finish_reason).toBe("stop");
  });

  it("remembers a session that it names", async () => {
    const named = { session_id: "sdk-1" } as object;
    await client.chat.completions.create({ model: "auto", messages: question, max_tokens: 20, ...named });
    const followUp = await client.chat.completions.create({
      model: "auto",
      messages: [{ role: "user", content: "Peki ne kadar sürer?" }],
      max_tokens: 20,
      ...named,
    });
    expect(followUp).toMatchObject({ sector: "finance_banking", routing: { routed_by: "session" } });
  });

  it("completes raw text and embeds", async () => {
    const completion = await client.completions.create({
      model: "sektor-base-v1",
      prompt: "Türkiye Büyük Millet",
      max_tokens: 8,
    });
    expect(completion.choices[0]?.text.length).toBeGreaterThan(0);
    const { data } = await client.embeddings.create({
      model: "sektor-base-v1",
      input: ["kredi kartı", "elektrik kesintisi"],
    });
    expect(data).toHaveLength(2);
    const norm = Math.sqrt(data[0]?.embedding.reduce((sum, x) => sum + x * x, 0) ?? 0);
    expect(norm).toBeCloseTo(1, 3);
  });

  it("lists models, and finds one", async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model);
    expect(models).toHaveLength(24);
    expect(await client.models.retrieve("legal@3")).toMatchObject({
      id: "legal@3",
      parent: "sektor-base-v1",
      sector: "legal",
    });
  });

  it("raises its own error classes", async () => {
    await expect(client.chat.completions.create({ model: "yok", messages: question })).rejects.toBeInstanceOf(
      NotFoundError,
    );
    await expect(client.chat.completions.create({ model: "auto", messages: [] })).rejects.toBeInstanceOf(
      BadRequestError,
    );
    await expect(client.models.retrieve("yok")).rejects.toBeInstanceOf(NotFoundError);
    const long = "çok uzun bir ileti ".repeat(400);
    const overflow = client.chat.completions.create({ model: "auto", messages: [{ role: "user", content: long }] });
    await expect(overflow).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
    await expect(overflow).rejects.toBeInstanceOf(APIError);
  });
});

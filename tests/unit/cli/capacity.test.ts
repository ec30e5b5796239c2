import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answerDemand, atMostInNinetyNineOfHundred } from "../../../services/cli/capacity/demand.ts";
import { type Habits, keptBytes } from "../../../services/cli/capacity/kept-bytes.ts";
import { commandLine } from "./command-line.ts";

/** Every `$ npx sektor capacity …` of the guide, and what it says below. */
const examples = [
  ...readFileSync("docs/guides/capacity.md", "utf8").matchAll(/```text\n\$ npx sektor (.*?)\n\n(.*?)```/gs),
].map(([, command = "", output = ""]) => ({ args: command.replaceAll("\\\n", " ").split(/\s+/), output }));

describe("docs/guides/capacity.md", () => {
  it.each(examples.map((example) => [example.args.join(" "), example] as const))(
    "shows what comes of %s",
    async (_, example) => {
      const { code, stdout, stderr } = await commandLine(example.args);
      expect(stdout + stderr).toBe(example.output);
      expect(code).toBe(stdout.includes("sığmıyor") ? 1 : 0);
    },
  );

  it("has an example of each model it cites, and one of the embedded model", () => {
    expect(examples.filter(({ args }) => args.includes("--layers")).length).toBeGreaterThanOrEqual(2);
    expect(examples.some(({ args }) => args.includes("models/base/sektor-base-v1.gguf"))).toBe(true);
  });
});

const base = ["capacity", "--model", "models/base/sektor-base-v1.gguf"];

describe("sektor capacity", () => {
  it("writes JSON that holds memory, demand and what is kept, in bytes", async () => {
    const { stdout } = await commandLine([...base, "--users", "100", "--replica-tokens-per-second", "50", "--json"]);
    const plan = JSON.parse(stdout);
    expect(plan.model).toMatchObject({ bytes: 7_359_488, contextTokens: 1024, shape: { layers: 6, vocabulary: 8192 } });
    expect(plan.memory.places).toBe(4 * (plan.memory.residentAdapters + 1));
    expect(plan.demand.replicas).toBe(Math.max(plan.demand.replicasForPlaces, plan.demand.replicasForTokens));
    expect(plan.kept.turnsPerDay).toBe(100 * 6 * 8);
  });

  it("says that it does not know how many engines the speed takes, where none was measured", async () => {
    const { stdout } = await commandLine([...base, "--users", "100"]);
    expect(stdout).toContain("hız için bilinmiyor");
  });

  it("answers 1 where not even one adapter fits beside the base", async () => {
    const { code, stdout } = await commandLine([...base, "--memory", "300MiB"]);
    expect(stdout).toContain("tek bir adaptör bile sığmıyor");
    expect(code).toBe(1);
  });

  it.each([
    [["capacity"], "--model ile bir GGUF dosyası"],
    [["capacity", "--model", "yok.gguf"], "yok.gguf diye bir dosya yok"],
    [["capacity", "--layers", "32", "--width", "4096"], "--model ile bir GGUF dosyası"],
    [[...base, "--memory", "16"], "16GiB ya da 800MiB gibi"],
    [[...base, "--quantisation", "Q9"], "Şunlardan biri"],
  ])("2 and a Turkish sentence for %j", async (args, sentence) => {
    const { code, stderr } = await commandLine(args);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });

  it("says of a file that is no model that its size cannot be told", async () => {
    const { code, stderr } = await commandLine(["capacity", "--model", "package.json"]);
    expect(stderr).toContain("Modelin boyutları bu dosyadan okunamıyor");
    expect(code).toBe(1);
  });
});

describe("answerDemand", () => {
  const demand = { users: 3600, turnsPerHour: 2, replyTokens: 100, tokensPerSecond: 10 };

  it("counts replies under way as arrivals times their length", () => {
    const answer = answerDemand(demand, { places: 100, tokensPerSecond: undefined });
    expect(answer).toMatchObject({ turnsPerSecond: 2, secondsPerReply: 10, meanReplies: 20, replicas: undefined });
  });

  it("wants as many engines as the scarcer of places and speed asks for", () => {
    const { places } = answerDemand(demand, { places: 1, tokensPerSecond: undefined });
    expect(answerDemand(demand, { places: places - 1, tokensPerSecond: 1e6 }).replicas).toBe(2);
    expect(answerDemand(demand, { places: 1e6, tokensPerSecond: places * 10 - 1 }).replicas).toBe(2);
    expect(answerDemand(demand, { places, tokensPerSecond: places * 10 }).replicas).toBe(1);
  });

  it("leaves room for the chance of many at once: the Poisson quantile, by table", () => {
    // Quantiles at 0.99 of Poisson variables of means 1, 5, 10 and 20.
    expect([1, 5, 10, 20].map(atMostInNinetyNineOfHundred)).toEqual([4, 11, 18, 31]);
    expect(atMostInNinetyNineOfHundred(0)).toBe(0);
  });

  it("goes on without a jump where it changes to the bell curve", () => {
    expect(atMostInNinetyNineOfHundred(500.1) - atMostInNinetyNineOfHundred(500)).toBeLessThanOrEqual(2);
  });
});

describe("keptBytes", () => {
  const habits: Habits = {
    turnsPerDay: 1000,
    turnsPerSession: 5,
    messageBytes: 100,
    replyBytes: 500,
    feedbackShare: 0,
    keepMessages: false,
    sessionStore: "redis",
    sessionTtlS: 86_400,
  };

  it("counts what was said in the request log only where it is kept there", () => {
    const kept = keptBytes({ ...habits, keepMessages: true }).postgresPerDay - keptBytes(habits).postgresPerDay;
    expect(kept).toBe(1000 * 600);
  });

  it("holds conversations for as long as they live, a day at least", () => {
    const { sessionsPerDay, sessionsAtOnce } = keptBytes(habits);
    expect(sessionsAtOnce).toBe(sessionsPerDay);
    expect(keptBytes({ ...habits, sessionTtlS: 7 * 86_400 }).sessionsAtOnce).toBe(7 * sessionsPerDay);
    expect(keptBytes({ ...habits, sessionTtlS: 60 }).sessionsAtOnce).toBe(sessionsPerDay);
  });
});

import { describe, expect, it } from "vitest";
import type { RefitQuestion } from "../../../services/routing/live/refit.ts";
import { createThreadRefit } from "../../../services/routing/live/refit-in-thread.ts";
import { examplesOf } from "./parts.ts";

const folders = { datasets: "datasets", weights: "models/router" };
const question: RefitQuestion = {
  builtIn: ["legal"],
  runTime: [{ id: "vets", examples: examplesOf("vets") }],
  subject: "vets",
  force: false,
};
const options = () => ({ signal: new AbortController().signal, onProgress: () => {} });

describe("a training in its own thread", () => {
  it("brings its failure back with its code", async () => {
    const refit = createThreadRefit({ ...folders, datasets: "tests/no-such-folder", timeoutMs: 60_000 });
    await expect(refit(question, options())).rejects.toMatchObject({
      code: "router_data_missing",
      status: 503,
      messageTr: expect.stringMatching(/\S/),
    });
  });

  it("is ended after its time limit", async () => {
    const refit = createThreadRefit({ ...folders, timeoutMs: 1 });
    await expect(refit(question, options())).rejects.toMatchObject({ code: "router_training_failed" });
  });

  it("is ended by its signal, with the signal's reason", async () => {
    const refit = createThreadRefit({ ...folders, timeoutMs: 60_000 });
    const stop = new AbortController();
    const running = refit(question, { ...options(), signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
    await expect(refit(question, { ...options(), signal: stop.signal })).rejects.toThrow("stopped");
  });

  it("that cannot even begin is a failed training", async () => {
    const refit = createThreadRefit({ ...folders, timeoutMs: 60_000 });
    const unreadable = { ...question, builtIn: null } as unknown as RefitQuestion;
    await expect(refit(unreadable, options())).rejects.toMatchObject({ code: "router_training_failed" });
  });
});

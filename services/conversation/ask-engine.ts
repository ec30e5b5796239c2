import type { Engine, GenerateEvent, GenerateRequest } from "../inference/index.ts";

type End = Extract<GenerateEvent, { type: "end" }>;

/** One reply of the engine, handed on piece by piece. @returns the whole text, and how it ended */
export async function askEngine(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<{ readonly response: string; readonly end: End }> {
  let response = "";
  for await (const event of engine.generate(request, signal)) {
    if (event.type === "text-delta") {
      response += event.text;
      onText(event.text);
    } else if (event.type === "end") return { response, end: event };
  }
  throw new Error("The engine ended a reply without saying how.");
}

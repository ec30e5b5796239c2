import { describe, expect, it } from "vitest";
import {
  createGatewayMetrics,
  exposition,
  expositionFormat,
  mergeExpositions,
} from "../../../services/observability/index.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";

async function texts() {
  const metrics = createGatewayMetrics();
  metrics.requestStarted();
  const facts = { sector: "legal", endpoint: "/api/v1/chat", method: "POST", seconds: 0.2 };
  metrics.requestEnded({ ...facts, errorType: "internal", traceId });
  return {
    prometheus: await exposition(metrics.registry, "prometheus"),
    openmetrics: await exposition(metrics.registry, "openmetrics"),
    again: await exposition(metrics.registry, "prometheus"),
  };
}

describe("the numbers as text", () => {
  it("are OpenMetrics for who asks for it, as Prometheus does, and the old form for everybody else", () => {
    const prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    expect(expositionFormat(prometheus)).toBe("openmetrics");
    for (const accept of [undefined, "*/*", "text/plain", "text/html"])
      expect(expositionFormat(accept)).toBe("prometheus");
  });

  it("say under which trace a value was seen, in OpenMetrics alone", async () => {
    const { prometheus, openmetrics } = await texts();
    expect(openmetrics).toMatch(
      new RegExp(
        `turkish_ai_response_time_seconds_bucket\\{[^}]*le="0.5"[^}]*\\} 1 # \\{trace_id="${traceId}"\\} 0.2 `,
      ),
    );
    expect(openmetrics).toMatch(new RegExp(`turkish_ai_errors_total\\{.*\\} 1 # \\{trace_id="${traceId}"\\} 1 `));
    expect(prometheus).not.toContain(traceId);
  });

  it("name a counter's family without its ending in OpenMetrics, and end with the mark of the end", async () => {
    const { openmetrics } = await texts();
    expect(openmetrics).toContain("# TYPE turkish_ai_requests counter\n");
    expect(openmetrics).toContain(
      'turkish_ai_requests_total{sector="legal",endpoint="/api/v1/chat",method="POST"} 1\n',
    );
    expect(openmetrics.endsWith("# EOF\n")).toBe(true);
  });

  it("stay as they were in the old form after somebody asked for the new one", async () => {
    const { prometheus, again } = await texts();
    expect(again).toContain("# TYPE turkish_ai_requests_total counter\n");
    const names = (text: string) => text.split("\n").filter((line) => line.startsWith("#"));
    expect(names(again)).toEqual(names(prometheus));
  });
});

describe("two processes in one scrape", () => {
  const family = (name: string, ...samples: readonly string[]) =>
    [`# HELP ${name} Help.`, `# TYPE ${name} gauge`, ...samples].join("\n");
  const gateway = `${family("memory", 'memory{process="serve"} 1')}\n\n${family("start", "start 100")}\n`;
  const infer = `${family("memory", 'memory{process="infer"} 2')}\n${family("start", "start 200")}\n${family("llm", 'llm{a="} x"} 3')}\n`;

  it("stand side by side where a label tells them apart, each family in one place", () => {
    expect(mergeExpositions(gateway, infer).split("\n")).toEqual([
      ...family("memory", 'memory{process="serve"} 1', 'memory{process="infer"} 2').split("\n"),
      ...family("start", "start 100").split("\n"),
      ...family("llm", 'llm{a="} x"} 3').split("\n"),
      "",
    ]);
  });

  it("end once", () => {
    const merged = mergeExpositions(`${gateway}# EOF\n`, `${infer}# EOF\n`);
    expect(merged.match(/# EOF/g)).toHaveLength(1);
    expect(merged.endsWith("# EOF\n")).toBe(true);
  });
});

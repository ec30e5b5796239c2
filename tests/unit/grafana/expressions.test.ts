import { describe, expect, it } from "vitest";
import { metricNames } from "../../../scripts/grafana/metric-names.ts";
import { substitute } from "../../../scripts/grafana/substitute.ts";

describe("substitute", () => {
  it("puts All and the durations where variables stand", () => {
    expect(
      substitute('rate(a_total{sector=~"$sector", instance=~"$instance"}[$__rate_interval])', {
        rateInterval: "4s",
        range: "1h",
      }),
    ).toBe('rate(a_total{sector=~".*", instance=~".*"}[4s])');
  });

  it("refuses a variable that nobody would fill in", () => {
    expect(() => substitute("a{b=~'$sektor'}", { rateInterval: "4s", range: "1h" })).toThrow("$sektor has no value");
  });
});

describe("metricNames", () => {
  it.each([
    ["up", ["up"]],
    ['sum by (sector, le) (rate(a_bucket{le="b_total"}[5m])) / on (job) group_left (stage) c', ["a_bucket", "c"]],
    ["(x or 0 * y) / (y > 0)", ["x", "y"]],
    ['vllm:lora_adapter_loaded{a=~"}|{"} * 1e3', ["vllm:lora_adapter_loaded"]],
    ["time() - max(process_start_time_seconds)", ["process_start_time_seconds"]],
    ["1 - sektor:turkish_ai_unavailability:ratio1h", ["sektor:turkish_ai_unavailability:ratio1h"]],
  ])("finds what %s reads", (expr, names) => {
    expect(metricNames(expr)).toEqual(names);
  });
});

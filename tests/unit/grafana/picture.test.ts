import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import type { DashboardFile, PanelFile } from "../../../scripts/grafana/dashboard-file.ts";
import { drawDashboard } from "../../../scripts/grafana/picture/draw-dashboard.ts";
import { legend, type NamedSeries } from "../../../scripts/grafana/picture/panel-data.ts";
import { inUnit } from "../../../scripts/grafana/picture/units.ts";

const span = { fromS: 1_000_000_000, toS: 1_000_000_060, stepS: 10 };
const kinds: readonly PanelFile["type"][] = ["timeseries", "stat", "gauge", "bargauge", "heatmap", "table"];

function panelOf(type: PanelFile["type"]): PanelFile {
  return {
    id: 1,
    type,
    title: `Başlık <${type}>`,
    description: "English title.\n\nAçıklama.",
    gridPos: { x: 0, y: 0, w: 8, h: 8 },
    fieldConfig: {
      defaults: {
        unit: "percentunit",
        thresholds: {
          steps: [
            { value: null, color: "green" },
            { value: 0.05, color: "red" },
          ],
        },
      },
    },
  };
}

function seriesOf(name: string, labels: Readonly<Record<string, string>>, ...values: readonly number[]): NamedSeries {
  return { name, labels, points: values.map((value, index) => [span.fromS + index * span.stepS, value] as const) };
}

function draw(type: PanelFile["type"], series: readonly NamedSeries[]): string {
  const panel = panelOf(type);
  const dashboard: DashboardFile = { title: "Pano", description: "A dashboard.", panels: [panel] };
  return drawDashboard(dashboard, [{ panel, series }], span);
}

/** All text of a picture. @throws {Error} it is no XML, or a number in it is none */
function wordsOf(svg: string): string {
  const words: string[] = [];
  const parser = new SaxesParser();
  parser.on("text", (text) => words.push(text));
  parser.on("opentag", ({ attributes }) => {
    for (const value of Object.values(attributes))
      if (/NaN|Infinity|undefined/.test(String(value))) throw new Error(String(value));
  });
  parser.on("error", (failure) => {
    throw failure;
  });
  parser.write(svg).close();
  return words.join("\n");
}

describe("a picture of a dashboard", () => {
  it.each(kinds)("draws a %s with its series, and names it in both languages", (type) => {
    const words = wordsOf(
      draw(type, [
        seriesOf("hukuk & <b>", { le: "0.5" }, 0.02, 0.04, 0.08),
        seriesOf("tarım", { le: "+Inf" }, 0.04, 0.05, 0.09),
      ]),
    );
    expect(words).toContain(`Başlık <${type}> — English title`);
    expect(words).not.toContain("veri yok");
    const last = type === "heatmap" ? "%50" : type === "timeseries" ? "hukuk & <b>" : "%8";
    expect(words).toContain(last);
  });

  it.each(kinds)("says of a %s without data that there is none", (type) => {
    expect(wordsOf(draw(type, []))).toContain("veri yok");
  });

  it.each(kinds)("draws a %s whose values are all the same", (type) => {
    expect(wordsOf(draw(type, [seriesOf("a", { le: "1" }, 0, 0, 0)]))).toContain("Başlık");
  });

  it("leaves a hole in a line where there was no value", () => {
    const holed: NamedSeries = {
      name: "a",
      labels: {},
      points: [
        [span.fromS, 1],
        [span.fromS + 10, 1],
        [span.fromS + 40, 1],
        [span.fromS + 50, 1],
      ],
    };
    const line = /<path class="line"[^>]* d="([^"]+)"/.exec(draw("timeseries", [holed]))?.[1] ?? "";
    expect(line.match(/M/g)).toHaveLength(2);
  });

  it("paints what is over a threshold in the threshold's colour", () => {
    expect(draw("stat", [seriesOf("a", {}, 0.04)])).toContain("fill:#3f9c35");
    expect(draw("stat", [seriesOf("a", {}, 0.06)])).toContain("fill:#c9403e");
  });

  it("subtracts a bucket's lower neighbours from it", () => {
    const cells = draw("heatmap", [seriesOf("", { le: "1" }, 2), seriesOf("", { le: "2" }, 2)]);
    expect(cells.match(/fill="#d9822b"/g)).toHaveLength(1);
  });
});

describe("legend", () => {
  it("puts labels where their names stand, and nothing where there are none", () => {
    expect(legend("{{sector}} p95 {{gone}}", { sector: "legal" })).toBe("legal p95");
  });
});

describe("inUnit", () => {
  it.each([
    [0.256, "percentunit", "%25,6"],
    [37, "percent", "%37"],
    [0.0004, "s", "400 µs"],
    [0.25, "s", "250 ms"],
    [7.5, "s", "7,5 s"],
    [300, "s", "5 dk"],
    [3 * 1024 ** 2, "bytes", "3 MiB"],
    [0, "bytes", "0 B"],
    [1.25, "reqps", "1,25/sn"],
    [12, "short", "12"],
  ])("reads %d in %s as %s", (value, unit, words) => {
    expect(inUnit(value, unit)).toBe(words);
  });
});

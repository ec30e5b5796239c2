import { expect, it } from "vitest";
import { type FeedbackReport, renderCsv, renderMarkdown } from "../../../services/feedback/index.ts";
import { summaryOf } from "../../../services/feedback/report.ts";

const rated = (...histogram: readonly number[]) => summaryOf(histogram.map((count, at) => ({ rating: at + 1, count })));

it("gives the mean and its 95 % confidence interval", () => {
  // 2, 4, 4, 5, 5: mean 4, standard deviation 1.2247, t(4) = 2.776.
  const { count, mean, low, high } = rated(0, 1, 0, 2, 2);
  expect([count, mean]).toEqual([5, 4]);
  expect(low).toBeCloseTo(4 - (2.776 * Math.sqrt(1.5)) / Math.sqrt(5), 3);
  // The upper end would be 5.52: nobody can rate that.
  expect(high).toBe(5);
});

it("says nothing about the interval of one rating, and nothing at all of none", () => {
  expect(rated(0, 0, 1)).toMatchObject({ count: 1, mean: 3, low: null, high: null });
  expect(rated()).toMatchObject({ count: 0, mean: null, low: null, high: null });
});

it("comes close to the normal distribution for many", () => {
  const { mean, low, high } = rated(500, 0, 0, 0, 500);
  const margin = 1.9623 * (2 * Math.sqrt(1000 / 999)) * (1 / Math.sqrt(1000));
  expect(mean).toBe(3);
  expect((high ?? 0) - 3).toBeCloseTo(margin, 4);
  expect(3 - (low ?? 0)).toBeCloseTo(margin, 4);
});

const report: FeedbackReport = {
  generatedAt: "2026-01-05T10:00:00.000Z",
  since: null,
  until: null,
  total: rated(0, 0, 0, 1, 1),
  sectors: [{ sector: "legal", ...rated(0, 0, 0, 1, 1) }],
  adapters: [{ adapter: null, ...rated(0, 0, 0, 1, 1) }],
  issues: [{ category: "slow|er", count: 2, examples: ["[kötü](http://x) <img>"] }],
  suggestions: [
    { text: '=HYPERLINK("http://x","tıkla")', count: 1 },
    { text: "_vurgu_ snake_case", count: 1 },
    { text: 'iki\nsatır, "tırnak"', count: 2 },
  ],
  weeks: [{ week: "2026-01-05", ...rated(0, 0, 0, 1, 1) }],
};

it("is written in Markdown that what users wrote cannot break", () => {
  const text = renderMarkdown(report);
  expect(text).toContain("| legal | 2 | 4,50 | 1,00 – 5,00 | 0 | 0 | 0 | 1 | 1 |");
  expect(text).toContain("- \\_vurgu\\_ snake_case");
  expect(text).toContain("**slow\\|er**: 2");
  expect(text).toContain("\\[kötü\\]\\(http://x\\) \\<img\\>");
  expect(text).toContain('- iki satır, "tırnak" (2)');
});

it("is written in CSV that a spreadsheet reads as text, line by line", () => {
  const lines = renderCsv(report).split("\r\n");
  expect(lines[0]).toBe("part,name,count,mean,low,high,rated_1,rated_2,rated_3,rated_4,rated_5");
  expect(lines[2]).toBe("sector,legal,2,4.5000,1.0000,5.0000,0,0,0,1,1");
  expect(lines).toContain(`suggestion,"'=HYPERLINK(""http://x"",""tıkla"")",1,,,,,,,,`);
  expect(lines).toContain('suggestion,"iki\nsatır, ""tırnak""",2,,,,,,,,');
});

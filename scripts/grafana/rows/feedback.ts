import { RequestsPerSecond, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { goodAbove, type RowPlan } from "../panels/plan.ts";
import { chosenInstance, chosenSector, quantile, sumRate } from "../promql.ts";

const ratings = `sum by (sector, rating) (increase(sektor_feedback_ratings_total{${chosenSector}}[$__range]))`;
/** The mean of 1–5: each rating counted as often as it was given. */
const meanRating = [1, 2, 3, 4, 5]
  .map((rating) => `${rating} * (${ofRating(rating)} or 0 * ${ratingsIn("")})`)
  .join(" + ");

function ofRating(rating: number): string {
  return ratingsIn(`rating="${rating}", `);
}

function ratingsIn(selector: string): string {
  return `sum by (sector) (increase(sektor_feedback_ratings_total{${selector}${chosenSector}}[$__range]))`;
}

/** What users say, and what is done behind the replies. */
export const feedback: RowPlan = {
  title: "Geri bildirim ve işler",
  panels: [
    {
      kind: "bars",
      title: "Ortalama puan, sektöre göre",
      english: "Mean rating by sector over the shown time",
      about: "Seçilen zaman aralığında verilen 1–5 puanların ortalaması.",
      unit: Short,
      queries: [{ expr: `(${meanRating}) / (${ratingsIn("")} > 0)`, legend: "{{sector}}" }],
      base: "red",
      steps: goodAbove(3, 4),
      min: 0,
      max: 5,
      runbook: "SektorFeedbackDrop",
    },
    {
      kind: "table",
      title: "Puanlar",
      english: "Ratings by sector over the shown time",
      about: "Hangi sektörde hangi puandan kaç tane.",
      unit: Short,
      queries: [{ expr: ratings, legend: "{{sector}} {{rating}}" }],
    },
    {
      kind: "lines",
      title: "Sıradaki işler",
      english: "Jobs by state",
      about: "Bekleyen ve başarısız olan işler; veritabanı ya da Redis erişilmezken seri yoktur.",
      unit: Short,
      queries: [
        { expr: `sum by (state) (max by (name, state) (sektor_jobs{${chosenInstance}}))`, legend: "{{state}}" },
      ],
      min: 0,
      runbook: "SektorJobsStuck",
    },
    {
      kind: "lines",
      title: "İş denemeleri",
      english: "Attempts at jobs by outcome",
      about: "Saniyede biten deneme, sonucuna göre.",
      unit: RequestsPerSecond,
      queries: [{ expr: sumRate("sektor_job_attempts_total", chosenInstance, "outcome"), legend: "{{outcome}}" }],
      min: 0,
      runbook: "SektorJobsDeadLetters",
    },
    {
      kind: "lines",
      title: "İş süresi (p95)",
      english: "Duration of a job's attempt by name, 95th percentile",
      about: "Bir denemenin süresi, işin adına göre.",
      unit: Seconds,
      queries: [{ expr: quantile(0.95, "sektor_job_seconds", chosenInstance, "name"), legend: "{{name}}" }],
      min: 0,
    },
  ],
};

import { PercentUnit, RequestsPerSecond, Seconds } from "@grafana/grafana-foundation-sdk/units";
import { badAbove, type RowPlan } from "../panels/plan.ts";
import { chosenInstance, chosenSector, mean, quantile, share, sumRate } from "../promql.ts";

const abstained = sumRate("turkish_ai_router_confidence_count", `outcome="abstained", ${chosenInstance}`);
const decided = sumRate("turkish_ai_router_confidence_count", chosenInstance);

/** Who decided on the sector, and how sure it was. */
export const routing: RowPlan = {
  title: "Yönlendirme",
  panels: [
    {
      kind: "lines",
      title: "Kararı kim verdi",
      english: "Routing decisions by who decided",
      about: "`request`: çağıran; `router`: yönlendirici; `session`: konuşmanın sektörü; `fallback`: hiçbiri.",
      unit: RequestsPerSecond,
      queries: [
        { expr: sumRate("turkish_ai_routing_decisions_total", chosenSector, "routed_by"), legend: "{{routed_by}}" },
      ],
      stacked: true,
      min: 0,
    },
    {
      kind: "lines",
      title: "Yönlendiricinin güveni",
      english: "Mean confidence of the router by outcome",
      about: "Ayarlanmış (kalibre) olasılık, 0–1. Düşen güven, eğitimde görülmemiş konular demektir.",
      unit: PercentUnit,
      queries: [{ expr: mean("turkish_ai_router_confidence", chosenInstance, "outcome"), legend: "{{outcome}}" }],
      min: 0,
      max: 1,
    },
    {
      kind: "stat",
      title: "Çekimser kalma",
      english: "Share of messages on which the router abstained",
      about: "Yönlendiricinin emin olmadığı iletilerin payı.",
      unit: PercentUnit,
      queries: [{ expr: share(abstained, decided), legend: "çekimser" }],
      steps: badAbove(0.3, 0.5),
    },
    {
      kind: "heat",
      title: "Güven dağılımı",
      english: "Distribution of the router's confidence",
      about: "İki uçta toplanmalıdır; ortada kalan iletiler iki sektör arasındadır.",
      unit: PercentUnit,
      queries: [{ expr: sumRate("turkish_ai_router_confidence_bucket", chosenInstance, "le"), legend: "{{le}}" }],
    },
    {
      kind: "lines",
      title: "Sektör değiştiren konuşmalar",
      english: "Conversations whose sector changed",
      about: "Saniyede sektör değişimi. Artış ya gerçekten konu değiştiren ya da yanlış yönlendirilen konuşmalardır.",
      unit: RequestsPerSecond,
      queries: [{ expr: sumRate("turkish_ai_router_switches_total", chosenInstance), legend: "değişim" }],
      min: 0,
    },
    {
      kind: "lines",
      title: "Yönlendirme süresi",
      english: "Time of one routing decision",
      about: "Bir kararın süresi.",
      unit: Seconds,
      queries: [
        { expr: quantile(0.5, "turkish_ai_routing_seconds", chosenInstance), legend: "p50" },
        { expr: quantile(0.95, "turkish_ai_routing_seconds", chosenInstance), legend: "p95" },
      ],
      min: 0,
    },
  ],
};

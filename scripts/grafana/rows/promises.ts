import { PercentUnit, RequestsPerSecond, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { badAbove, goodAbove, type RowPlan } from "../panels/plan.ts";
import { chosenInstance, chosenSector, quantile, sumRate } from "../promql.ts";

/** What callers feel: waiting, first words, errors by kind. */
export const promises: RowPlan = {
  title: "Hizmet hedefleri",
  panels: [
    {
      kind: "stat",
      title: "Kullanılabilirlik (1 saat)",
      english: "Availability within an hour: requests that did not fail by our fault",
      about: "Hedef 30 günde %99,5. Çağıranın hataları sayılmaz (monitoring/rules/turkish_ai_metrics.yml).",
      unit: PercentUnit,
      queries: [{ expr: "1 - sektor:turkish_ai_unavailability:ratio1h", legend: "kullanılabilirlik" }],
      base: "red",
      steps: goodAbove(0.995, 0.999),
      runbook: "SektorAvailabilityBudget",
    },
    {
      kind: "lines",
      title: "Hata bütçesinin tükenme hızı",
      english: "Burn rate of the error budget",
      about:
        "1: aylık bütçe (%0,5) tam bir ayda biter. Çizgiler uyarıların sınırlarıdır: 6 iş saatinde, 14,4 hemen bakılır.",
      unit: Short,
      queries: ["5m", "1h", "6h"].map((window) => ({
        expr: `sektor:turkish_ai_unavailability:ratio${window} / 0.005`,
        legend: window,
      })),
      steps: badAbove(6, 14.4),
      min: 0,
      runbook: "SektorAvailabilityBurnFast",
    },
    {
      kind: "table",
      title: "Çalan alarmlar",
      english: "Alerts that fire now",
      about: "`SektorWatchdog` hep çalar: alarm yolunun çalıştığını gösterir.",
      unit: Short,
      queries: [
        {
          expr: 'sum by (alertname, severity) (ALERTS{alertstate="firing"})',
          legend: "{{alertname}} ({{severity}})",
        },
      ],
      runbook: "SektorWatchdog",
    },
    {
      kind: "lines",
      title: "Yönlendirme ve kuyruk bekleyişi",
      english: "Time from a request's arrival until the engine starts on it (routing and queue)",
      about: "Hedef: p95 500 ms altında. Üstündeyse motor yetişmiyor demektir: ölçekleyin ya da sınırları daraltın.",
      unit: Seconds,
      queries: [
        { expr: quantile(0.5, "sektor_engine_wait_seconds", chosenInstance), legend: "p50" },
        { expr: quantile(0.95, "sektor_engine_wait_seconds", chosenInstance), legend: "p95" },
        { expr: quantile(0.99, "sektor_engine_wait_seconds", chosenInstance), legend: "p99" },
      ],
      steps: badAbove(0.25, 0.5),
      min: 0,
      runbook: "SektorEngineWaitLong",
    },
    {
      kind: "lines",
      title: "İlk sözcüğe kadar, sektöre göre (p95)",
      english: "Time to the first token by sector, 95th percentile",
      about: "Çağıranın ilk sözcüğü görmeden beklediği süre.",
      unit: Seconds,
      queries: [
        { expr: quantile(0.95, "sektor_adapter_first_token_seconds", chosenSector, "sector"), legend: "{{sector}}" },
      ],
      min: 0,
      runbook: "SektorFirstTokenSlow",
    },
    {
      kind: "heat",
      title: "Yanıt süresi dağılımı",
      english: "Distribution of the response time",
      about: "Hangi sürede kaç istek bitti; iki ayrı şerit iki ayrı tür iştir.",
      unit: Seconds,
      queries: [{ expr: sumRate("turkish_ai_response_time_seconds_bucket", chosenSector, "le"), legend: "{{le}}" }],
    },
    {
      kind: "lines",
      title: "Hata türleri",
      english: "Errors by code",
      about: "Saniyede hata, koduna göre. Kodların çaresi docs/errors.md içindedir.",
      unit: RequestsPerSecond,
      queries: [{ expr: sumRate("turkish_ai_errors_total", chosenSector, "error_type"), legend: "{{error_type}}" }],
      stacked: true,
      min: 0,
      runbook: "SektorErrorRateHigh",
    },
    {
      kind: "lines",
      title: "Uç noktalara göre istek",
      english: "Requests by endpoint and method",
      about: "Yük nereden geliyor.",
      unit: RequestsPerSecond,
      queries: [
        {
          expr: sumRate("turkish_ai_requests_total", chosenSector, "endpoint, method"),
          legend: "{{method}} {{endpoint}}",
        },
      ],
      stacked: true,
      min: 0,
    },
    {
      kind: "stat",
      title: "Süren istekler",
      english: "Requests being answered now",
      about: "Şu anda yanıtlanan istekler, bütün kopyalarda.",
      unit: Short,
      queries: [{ expr: `sum(turkish_ai_requests_in_progress{${chosenInstance}})`, legend: "süren" }],
      base: "blue",
    },
    {
      kind: "lines",
      title: "Sınıra takılan istekler",
      english: "Refusals by limit",
      about: "Hız sınırlarının geri çevirdiği istekler, sınırına göre.",
      unit: RequestsPerSecond,
      queries: [{ expr: sumRate("sektor_rate_limit_refusals_total", chosenInstance, "limit"), legend: "{{limit}}" }],
      min: 0,
    },
    {
      kind: "lines",
      title: "Belge araması: bulma payı",
      english: "Share of knowledge searches that found a passage",
      about: "Soruya yeterince yakın belge bulunan aramaların payı, sektöre göre.",
      unit: PercentUnit,
      queries: [
        {
          expr:
            `${sumRate("sektor_knowledge_searches_total", `found="true", ${chosenSector}`, "sector")} / ` +
            `(${sumRate("sektor_knowledge_searches_total", chosenSector, "sector")} > 0)`,
          legend: "{{sector}}",
        },
      ],
      min: 0,
      max: 1,
    },
    {
      kind: "lines",
      title: "İstek günlüğü satırları",
      english: "Rows of the request log by what became of them",
      about: "`spooled`: veritabanı yokken dosyada bekleyen; `refused`: yer kalmadığı için yazılmayan.",
      unit: Short,
      queries: [{ expr: sumRate("sektor_request_rows_total", chosenInstance, "state"), legend: "{{state}}" }],
      min: 0,
      runbook: "SektorRequestRowsSpooled",
    },
  ],
};

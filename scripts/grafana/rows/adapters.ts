import { PercentUnit, RequestsPerSecond, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { badAbove, goodAbove, type RowPlan } from "../panels/plan.ts";
import { chosenAdapter, chosenInstance, chosenSector, quantile, share, sumRate } from "../promql.ts";

const served = `${chosenSector}, adapter=~"$adapter|none"`;
const turns = (by: string, selector = "") => sumRate("sektor_adapter_turns_total", `${selector}${served}`, by);
/** Turns with the stage their adapter was in; several gateways tell the same of an adapter. */
const staged = (selector = "") =>
  `sum by (sector, stage) (${turns("sector, adapter", selector)} * on (sector, adapter) group_left (stage) ` +
  `max by (sector, adapter, stage) (sektor_adapter_info{${chosenSector}}))`;

/** Which adapters are in memory, and what it costs to bring them there. */
export const residency: RowPlan = {
  title: "Bellekteki adaptörler",
  panels: [
    {
      kind: "stat",
      title: "Bellekte",
      english: "Adapters in memory",
      about: "Ağırlıkları yüklü adaptörler, bütün motorlarda.",
      unit: Short,
      queries: [{ expr: `sum(vllm:lora_adapter_loaded{${chosenAdapter}})`, legend: "yüklü" }],
      base: "blue",
      width: 4,
    },
    {
      kind: "stat",
      title: "Bilinen",
      english: "Adapters the engine knows",
      about: "Klasörde bulunan adaptörler.",
      unit: Short,
      queries: [{ expr: `count(vllm:lora_adapter_loaded{${chosenAdapter}})`, legend: "bilinen" }],
      base: "blue",
      width: 4,
    },
    {
      kind: "lines",
      title: "Yüklemeler ve çıkarmalar / sn",
      english: "Adapter loads and evictions per second",
      about: "İkisi birlikte yüksekse adaptörler birbirini itiyordur: yerleşim sınırını büyütün.",
      unit: Short,
      queries: [
        { expr: sumRate("llm_adapter_loads_total", chosenInstance), legend: "yükleme" },
        { expr: sumRate("llm_adapter_evictions_total", chosenInstance), legend: "çıkarma" },
      ],
      min: 0,
      runbook: "SektorEvictionThrash",
    },
    {
      kind: "lines",
      title: "Çıkarılanların yüklenenlere oranı",
      english: "Evictions for each load",
      about: "1'e yaklaşıyorsa her yükleme bir başkasını atıyordur.",
      unit: PercentUnit,
      queries: [
        {
          expr: share(
            sumRate("llm_adapter_evictions_total", chosenInstance),
            sumRate("llm_adapter_loads_total", chosenInstance),
          ),
          legend: "çıkarma / yükleme",
        },
      ],
      steps: badAbove(0.5, 0.9),
      min: 0,
      runbook: "SektorEvictionThrash",
    },
    {
      kind: "bars",
      title: "Son yükleme süresi",
      english: "Duration of each adapter's last load",
      about: "Diskten belleğe; ilk istek bu kadar bekler.",
      unit: Seconds,
      queries: [{ expr: `max by (adapter) (llm_adapter_load_seconds{${chosenAdapter}})`, legend: "{{adapter}}" }],
      steps: badAbove(0.5, 2),
      min: 0,
      width: 12,
    },
    {
      kind: "bars",
      title: "Bellekte olanlar",
      english: "Which adapters are in memory",
      about: "1: yüklü, 0: bilinen ama yüklü değil.",
      unit: Short,
      queries: [{ expr: `max by (adapter) (vllm:lora_adapter_loaded{${chosenAdapter}})`, legend: "{{adapter}}" }],
      base: "blue",
      min: 0,
      max: 1,
      width: 12,
    },
  ],
};

/** What the adapters do, each and by stage. */
export const service: RowPlan = {
  title: "Hizmet",
  panels: [
    {
      kind: "lines",
      title: "Adaptöre göre söz sıraları",
      english: "Turns by adapter",
      about: "`none`: temel modelin yanıtladıkları.",
      unit: RequestsPerSecond,
      queries: [{ expr: turns("adapter"), legend: "{{adapter}}" }],
      stacked: true,
      min: 0,
    },
    {
      kind: "lines",
      title: "Adaptöre göre hata payı",
      english: "Share of turns that failed, by adapter",
      about: "%5 üstü alarm sınırıdır; çağıranın bıraktığı yanıtlar hata sayılmaz.",
      unit: PercentUnit,
      queries: [{ expr: share(turns("adapter", 'outcome="error", '), turns("adapter")), legend: "{{adapter}}" }],
      steps: badAbove(0.01, 0.05),
      min: 0,
      runbook: "SektorSectorErrorRateHigh",
    },
    {
      kind: "lines",
      title: "İlk sözcüğe kadar, sektöre göre (p95)",
      english: "Time to the first token by sector, 95th percentile",
      about: "Yüklenmesi gereken adaptörün ilk isteği burada görünür.",
      unit: Seconds,
      queries: [
        { expr: quantile(0.95, "sektor_adapter_first_token_seconds", chosenSector, "sector"), legend: "{{sector}}" },
      ],
      min: 0,
    },
    {
      kind: "lines",
      title: "Token / sn, adaptöre göre",
      english: "Tokens generated per second by adapter",
      about: "Motorun ürettiği.",
      unit: Short,
      queries: [{ expr: sumRate("llm_tokens_generated_total", chosenAdapter, "adapter"), legend: "{{adapter}}" }],
      stacked: true,
      min: 0,
    },
    {
      kind: "lines",
      title: "İlk token süresi, adaptöre göre (motor)",
      english: "Time to the first token in the engine by adapter, 95th percentile",
      about: "Kuyruk ve yükleme dahil.",
      unit: Seconds,
      queries: [
        { expr: quantile(0.95, "llm_time_to_first_token_seconds", chosenAdapter, "adapter"), legend: "{{adapter}}" },
      ],
      min: 0,
    },
    {
      kind: "lines",
      title: "Önbellekten gelen istem, adaptöre göre",
      english: "Share of prompt tokens from the prefix cache by adapter",
      about: "Adaptörler birbirinin önbelleğini kullanamaz; düşük pay, çıkarılmış adaptörün belirtisidir.",
      unit: PercentUnit,
      queries: [
        {
          expr: share(
            sumRate("llm_prompt_tokens_total", `source="cache", ${chosenAdapter}`, "adapter"),
            sumRate("llm_prompt_tokens_total", chosenAdapter, "adapter"),
          ),
          legend: "{{adapter}}",
        },
      ],
      min: 0,
      max: 1,
    },
  ],
};

/** Is the new version better than the one it is to replace? */
export const canary: RowPlan = {
  title: "Sürümler: yenisi eskisinden iyi mi?",
  panels: [
    {
      kind: "table",
      title: "Hizmetteki sürümler",
      english: "Versions in service by stage",
      about: "`stable`: sektörün asıl sürümü; `other`: denenen ya da elle istenen.",
      unit: Short,
      queries: [
        {
          expr: `max by (sector, adapter, stage) (sektor_adapter_info{${chosenSector}})`,
          legend: "{{sector}} {{adapter}} {{stage}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Söz sıraları, aşamaya göre",
      english: "Turns by stage",
      about: "Yeni sürüme ne kadar yük gidiyor.",
      unit: RequestsPerSecond,
      queries: [{ expr: `sum by (stage) (${staged()})`, legend: "{{stage}}" }],
      stacked: true,
      min: 0,
    },
    {
      kind: "lines",
      title: "Hata payı, aşamaya göre",
      english: "Share of failed turns by sector and stage",
      about: "`other` çizgisi `stable` üstünde kalıyorsa yeni sürümü geri çekin.",
      unit: PercentUnit,
      queries: [{ expr: share(staged('outcome="error", '), staged()), legend: "{{sector}} {{stage}}" }],
      steps: badAbove(0.01, 0.05),
      min: 0,
      runbook: "SektorCanaryErrors",
    },
    {
      kind: "bars",
      title: "Doğruluk, sürüme göre",
      english: "Accuracy by sector, version and source",
      about: "`feedback`: puanlardan; `evaluation`: çevrimdışı değerlendirmeden.",
      unit: PercentUnit,
      queries: [
        {
          expr: `avg by (sector, adapter_version, source) (turkish_ai_adapter_accuracy{${chosenSector}})`,
          legend: "{{adapter_version}} ({{source}})",
        },
      ],
      base: "red",
      steps: goodAbove(0.6, 0.8),
      min: 0,
      max: 1,
      width: 12,
      runbook: "SektorCanaryErrors",
    },
    {
      kind: "table",
      title: "Puanlar, adaptöre göre",
      english: "Ratings by adapter over the shown time",
      about: "Seçilen zaman aralığında hangi sürüm hangi puanı aldı.",
      unit: Short,
      queries: [
        {
          expr: `sum by (adapter, rating) (increase(sektor_feedback_ratings_total{${served}}[$__range]))`,
          legend: "{{adapter}} {{rating}}",
        },
      ],
      width: 12,
      runbook: "SektorCanaryRatings",
    },
  ],
};

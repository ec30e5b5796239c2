import { BytesIEC, Percent, PercentUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { badAbove, goodAbove, type RowPlan } from "../panels/plan.ts";
import { chosenInstance } from "../promql.ts";

/** The processes and the machine under them. */
export const processes: RowPlan = {
  title: "Süreçler ve makine",
  panels: [
    {
      kind: "lines",
      title: "İşlemci",
      english: "CPU of each process, percent of one core",
      about: "100: bir çekirdeğin tümü.",
      unit: Percent,
      queries: [
        {
          expr: `sum by (job, instance, process) (turkish_ai_cpu_usage_percent{${chosenInstance}})`,
          legend: "{{job}} {{instance}} {{process}}",
        },
      ],
      min: 0,
      runbook: "SektorQueueSaturated",
    },
    {
      kind: "lines",
      title: "Olay döngüsü gecikmesi (p99)",
      english: "Event loop lag, 99th percentile",
      about: "Ağ geçidi ne kadar süre başka iş yapamıyor. 100 ms üstü hissedilir.",
      unit: Seconds,
      queries: [
        {
          expr: `max by (job, instance) (nodejs_eventloop_lag_p99_seconds{${chosenInstance}})`,
          legend: "{{job}} {{instance}}",
        },
      ],
      steps: badAbove(0.05, 0.1),
      min: 0,
      runbook: "SektorEventLoopLag",
    },
    {
      kind: "gauge",
      title: "Boş disk (veri klasörü)",
      english: "Free share of the data folder's disk",
      about: "%10 altında günlük ve veritabanı yazamaz duruma yaklaşır.",
      unit: PercentUnit,
      queries: [
        {
          expr:
            `min by (instance) (sektor_disk_free_bytes{${chosenInstance}} / ` +
            `sektor_disk_size_bytes{${chosenInstance}})`,
          legend: "{{instance}}",
        },
      ],
      base: "red",
      steps: goodAbove(0.1, 0.2),
      min: 0,
      max: 1,
      runbook: "SektorDiskFilling",
    },
    {
      kind: "lines",
      title: "GPU belleği",
      english: "GPU memory used",
      about: "nvidia-smi'nin söylediği. GPU'su olmayan makinede seri yoktur.",
      unit: BytesIEC,
      queries: [
        { expr: `max by (gpu) (turkish_ai_gpu_memory_used_bytes{${chosenInstance}})`, legend: "GPU {{gpu}} dolu" },
        { expr: `max by (gpu) (turkish_ai_gpu_memory_total_bytes{${chosenInstance}})`, legend: "GPU {{gpu}} toplam" },
      ],
      min: 0,
    },
    {
      kind: "table",
      title: "Hedefler",
      english: "Whether Prometheus reaches each target",
      about: "1: son tarama yanıt aldı.",
      unit: Short,
      queries: [{ expr: "min by (job, instance) (up)", legend: "{{job}} {{instance}}" }],
      base: "red",
      steps: goodAbove(1, 1).slice(1),
      runbook: "SektorTargetDown",
    },
    {
      kind: "lines",
      title: "Çalışma süresi",
      english: "Uptime of each process",
      about: "Sıfıra düşen çizgi yeniden başlamadır.",
      unit: Seconds,
      queries: [
        {
          expr: `time() - max by (job, instance) (process_start_time_seconds{${chosenInstance}, job=~"sektor-.+"})`,
          legend: "{{job}} {{instance}}",
        },
      ],
      min: 0,
    },
  ],
};

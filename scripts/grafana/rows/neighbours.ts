import { BytesIEC, RequestsPerSecond, Short } from "@grafana/grafana-foundation-sdk/units";
import type { RowPlan } from "../panels/plan.ts";

/** nginx, Redis and Postgres, as their exporters tell; empty where none is deployed. */
export const neighbours: RowPlan = {
  title: "Komşular: nginx, Redis, Postgres",
  panels: [
    {
      kind: "lines",
      title: "nginx: istek hızı",
      english: "Requests through nginx",
      about: "nginx'ten geçen istekler; ağ geçidinin gördüğünden çoksa fark nginx'te geri çevrilmiştir.",
      unit: RequestsPerSecond,
      queries: [
        { expr: "sum by (instance) (rate(nginx_http_requests_total[$__rate_interval]))", legend: "{{instance}}" },
      ],
      min: 0,
    },
    {
      kind: "lines",
      title: "nginx: bağlantılar",
      english: "Connections of nginx",
      about: "Etkin bağlantılar.",
      unit: Short,
      queries: [{ expr: "sum by (instance) (nginx_connections_active)", legend: "{{instance}}" }],
      min: 0,
      runbook: "SektorNginxDown",
    },
    {
      kind: "lines",
      title: "Redis: bellek",
      english: "Memory of Redis",
      about: "Oturumlar, sınırlar ve iş kuyruğu buradadır.",
      unit: BytesIEC,
      queries: [{ expr: "sum by (instance) (redis_memory_used_bytes)", legend: "{{instance}}" }],
      min: 0,
      runbook: "SektorRedisMemory",
    },
    {
      kind: "lines",
      title: "Postgres: bağlantılar",
      english: "Connections of Postgres by database",
      about: "Havuzların açtığı bağlantılar; sunucunun sınırına yaklaşmamalıdır.",
      unit: Short,
      queries: [
        { expr: 'sum by (datname) (pg_stat_database_numbackends{datname!~"template.|"})', legend: "{{datname}}" },
      ],
      min: 0,
      runbook: "SektorPostgresDown",
    },
  ],
};

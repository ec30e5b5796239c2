/** monitoring/grafana/datasources/prometheus.yml gives it this uid. */
export const prometheus = { type: "prometheus", uid: "sektor-prometheus" } as const;

import { fileURLToPath } from "node:url";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** What the server speaks. Absent fields stay absent, so that a default is told from a value that was sent. */
export const protos = loadSync(
  ["sektor.proto", "health.proto"].map((name) => fileURLToPath(new URL(name, import.meta.url))),
  { keepCase: true, longs: Number, enums: String },
);

export const inferenceName = "sektor.v1.Inference";
export const inferenceDefinition = protos[inferenceName] as ServiceDefinition;
export const healthDefinition = protos["grpc.health.v1.Health"] as ServiceDefinition;

import { join } from "node:path";
import { credentials, loadPackageDefinition, Metadata } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { projectFolder } from "../program-command.ts";
import { expect, type SmokeCase, type SmokeWorld, Untried } from "./world.ts";

/** Pages, what is closed, what is open from inside alone, and gRPC. */
export const doorCases: readonly SmokeCase[] = [
  ...["/", "/docs/", "/feedback", "/voice/", "/errors"].map((path) => ({
    endpoint: `GET ${path} (sayfa)`,
    run: async (world: SmokeWorld) => {
      const { text, headers } = await world.ask("GET", path);
      expect(/^text\/(html|plain|markdown)/.test(String(headers["content-type"])) && text.length > 100, "bir sayfa");
      return `${text.length} karakter`;
    },
  })),
  {
    endpoint: "GET /openapi.json",
    run: async (world) => `${Object.keys((await world.json("GET", "/openapi.json")).paths).length} adres`,
  },
  {
    endpoint: "anahtarsız istek",
    run: async (world) => {
      await world.ask("GET", "/v1/models", { key: null, status: 401 });
      return "401";
    },
  },
  {
    endpoint: "yönetici olmayan anahtar",
    run: async (world) => {
      await world.ask("GET", "/v1/keys", { status: 403 });
      return "403";
    },
  },
  {
    endpoint: "HTTP → HTTPS",
    run: async (world) => {
      const { httpUrl } = world.target;
      if (httpUrl === undefined) throw new Untried("bu kurulumda yok");
      const { headers } = await world.ask("GET", "/health", { url: httpUrl, key: null, status: 308 });
      expect(headers.location?.startsWith("https://"), "HTTPS adresi");
      return "308";
    },
  },
  {
    endpoint: "HSTS ve güvenlik üst bilgileri",
    run: async (world) => {
      const { headers } = await world.ask("GET", "/health", { key: null });
      expect(headers["strict-transport-security"] !== undefined, "Strict-Transport-Security");
      expect(headers["x-content-type-options"] === "nosniff", "X-Content-Type-Options");
      return "var";
    },
  },
  {
    endpoint: "GET /metrics (içeriden)",
    run: async (world) => {
      const { gateways, operators, url: publicUrl } = world.target;
      const doors = gateways.length > 0 ? gateways : [operators === undefined ? publicUrl : undefined];
      for (const url of doors) {
        const { text } = await world.ask("GET", "/metrics", {
          key: world.target.apiKey,
          ...(url === undefined ? {} : { url }),
        });
        expect(/^turkish_ai_requests_total\{/m.test(text), "turkish_ai_requests_total");
      }
      return `${doors.length} ağ geçidi`;
    },
  },
  {
    endpoint: "yönetim dışarıya kapalı",
    run: async (world) => {
      const { url, operators, apiKey } = world.target;
      if (operators === undefined) throw new Untried("bu makine işletmecilerin ağında");
      const closed = ["/metrics", "/v1/keys", "/v1/jobs", "/jobs/", "/v1/feedback", "/v1/feedback/report"];
      for (const path of closed) {
        const { text } = await world.ask("GET", path, { url, key: apiKey, status: 403 });
        expect(text.includes("operators_only"), `${path} için operators_only`);
      }
      await world.ask("GET", "/v1/models", { url, key: apiKey });
      return `${closed.length} adres`;
    },
  },
  {
    endpoint: "gRPC Health/Check",
    run: async (world) => {
      for (const address of grpcOf(world)) {
        const { status } = await call(world, address, "grpc.health.v1.Health", "Check", {});
        expect(status === "SERVING", "SERVING");
      }
      return `${world.target.grpc.length} ağ geçidi`;
    },
  },
  {
    endpoint: "gRPC Inference/Generate",
    run: async (world) => {
      const request = { message: "Elektrikler ne zaman gelecek?", max_tokens: 8, temperature: 0 };
      for (const address of grpcOf(world)) {
        const { response } = await call(world, address, "sektor.v1.Inference", "Generate", request);
        expect(response?.trim() !== "", "yanıt metni");
      }
      return `${world.target.grpc.length} ağ geçidi`;
    },
  },
];

function grpcOf({ target: { grpc } }: SmokeWorld): readonly string[] {
  if (grpc.length === 0) throw new Untried("gRPC buradan erişilebilir değil");
  return grpc;
}

// biome-ignore lint/suspicious/noExplicitAny: what a proto says at run time has no types.
type Message = any;

async function call(
  { target, key }: SmokeWorld,
  address: string,
  service: "grpc.health.v1.Health" | "sektor.v1.Inference",
  method: string,
  request: object,
): Promise<Message> {
  const files = ["sektor.proto", "health.proto"].map((file) => join(projectFolder, "services/grpc", file));
  const root = loadPackageDefinition(loadSync(files, { keepCase: true, enums: String, oneofs: true })) as Message;
  const Client = service.split(".").reduce((part, name) => part[name], root);
  const channel = credentials.createSsl(target.ca === undefined ? null : Buffer.from(target.ca));
  // A certificate's name is no address: TLS asks for one by name.
  const options = /^(127\.|\[::1\])/.test(address) ? { "grpc.ssl_target_name_override": "localhost" } : {};
  const client = new Client(address, channel, options);
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${key}`);
  try {
    return await new Promise((resolve, reject) => {
      const deadline = Date.now() + 30_000;
      client[method](request, metadata, { deadline }, (failure: Error | null, reply: Message) =>
        failure === null ? resolve(reply) : reject(failure),
      );
    });
  } finally {
    client.close();
  }
}

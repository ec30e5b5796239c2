import { expect, type SmokeCase, type SmokeWorld } from "./world.ts";

const examples = "/v1/feedback/routing-examples";

/** Keys, feedback, people's right to be forgotten. The first case makes the key that all others use. */
export const keyCases: readonly SmokeCase[] = [
  {
    endpoint: "POST /v1/keys",
    run: async (world) => {
      const json = { name: world.name, scopes: ["chat", "voice", "feedback", "documents"] };
      const made = await world.admin("POST", "/v1/keys", { json, status: 201 });
      world.keep("key", made.id);
      world.key = made.key;
      return "anahtar oluştu";
    },
  },
  {
    endpoint: "GET /v1/keys",
    run: async (world) => {
      const { data } = await world.admin("GET", "/v1/keys");
      expect(
        data.some(({ id }: { id: string }) => id === world.kept("key")),
        "oluşturulan anahtar",
      );
      return `${data.length} anahtar`;
    },
  },
  {
    endpoint: "POST /v1/keys/{id}/rotate",
    run: async (world) => {
      const path = `/v1/keys/${world.kept("key")}/rotate`;
      const made = await world.admin("POST", path, { json: { grace_s: 0 }, status: 201 });
      world.keep("key", made.id);
      world.key = made.key;
      await world.until(
        async () => (await world.ask("GET", "/v1/models")).status,
        (status) => status === 200,
      );
      return "yenilendi";
    },
  },
];

export const feedbackCases: readonly SmokeCase[] = [
  {
    endpoint: "POST /v1/feedback",
    run: async (world) => {
      for (const text of ["Faturam neden bu kadar yüksek geldi?", "Modemim sürekli kapanıyor."]) {
        const json = {
          rating: 4,
          message_id: world.kept("message"),
          user_id: world.name,
          pilot_group: world.name,
          expected_sector: "telecommunications",
          message: text,
          training_opt_out: true,
        };
        await world.json("POST", "/v1/feedback", { json, status: 201 });
      }
      return "saklandı";
    },
  },
  {
    endpoint: "GET /v1/feedback",
    run: async (world) => {
      const { data } = await world.admin("GET", `/v1/feedback?pilot_group=${world.name}`);
      expect(data.length === 2, "verilen iki geri bildirim");
      return `${data.length} kayıt`;
    },
  },
  {
    endpoint: "GET /v1/feedback/report",
    run: async (world) => {
      const { total } = await world.admin("GET", `/v1/feedback/report?pilot_group=${world.name}`);
      expect(total.count === 2, "iki değerlendirme");
      return `${total.count} değerlendirme`;
    },
  },
  {
    endpoint: "GET /v1/feedback/export",
    run: async (world) => {
      const path = `/v1/feedback/export?pilot_group=${world.name}`;
      const { headers } = await world.ask("GET", path, { key: world.target.apiKey });
      return String(headers["content-type"]);
    },
  },
  {
    endpoint: "GET /v1/feedback/routing-examples",
    run: async (world) => {
      const { data } = await world.admin("GET", `${examples}?status=pending&limit=100`);
      expect(data.length > 0, "bekleyen örnekler");
      return `${data.length} örnek`;
    },
  },
  {
    endpoint: "POST /v1/feedback/routing-examples/{id}/reject",
    run: async (world) => {
      const id = await exampleOf(world, "Faturam");
      await world.admin("POST", `${examples}/${id}/reject`);
      return "reddedildi";
    },
  },
  {
    endpoint: "POST /v1/feedback/routing-examples/{id}/accept",
    run: async (world) => {
      if (!world.target.isForTrial) {
        // An accepted example is trained on: a real deployment is only asked for one that there is not.
        const { error, code } = await world.admin("POST", `${examples}/yok/accept`, { json: {}, status: 404 });
        return `404 ${code ?? error?.code}`;
      }
      const id = await exampleOf(world, "Modemim");
      await world.admin("POST", `${examples}/${id}/accept`, { json: { sector: "telecommunications" } });
      return "kabul edildi";
    },
  },
];

export const lastCases: readonly SmokeCase[] = [
  {
    endpoint: "DELETE /v1/users/{id}/data",
    run: async (world) => {
      await world.admin("DELETE", `/v1/users/${world.name}/data`);
      const { data } = await world.admin("GET", `/v1/feedback?user_id=${world.name}`);
      expect(data.length === 0, "hiçbir geri bildirimin kalmaması");
      return "silindi";
    },
  },
  {
    endpoint: "DELETE /v1/keys/{id}",
    run: async (world) => {
      await world.admin("DELETE", `/v1/keys/${world.kept("key")}`);
      // Other gateways keep what they know of a key for a moment.
      const revoked = async (): Promise<boolean> => {
        try {
          await world.ask("GET", "/v1/models", { status: 401 });
          return true;
        } catch {
          return false;
        }
      };
      await world.until(revoked, (isRevoked) => isRevoked);
      return "iptal edildi";
    },
  },
];

async function exampleOf(world: SmokeWorld, begin: string): Promise<string> {
  const { data } = await world.admin("GET", `${examples}?status=pending&limit=100`);
  const found = data.find((one: object) => JSON.stringify(one).includes(begin));
  expect(found !== undefined, `“${begin}…” örneği`);
  return encodeURIComponent(found.id);
}

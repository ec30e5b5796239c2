import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fillTemplate } from "../../../scripts/nginx/fill-template.ts";
import {
  checkProxySettings,
  loadProxySettings,
  ProxySettings,
  ProxySettingsError,
} from "../../../scripts/nginx/proxy-settings.ts";
import { renderNginx } from "../../../scripts/nginx/render-nginx.ts";
import { loadSettings } from "../../../services/settings/index.ts";

const gateway = loadSettings("tests/support/no-such-folder", {});
const fileOf = (given: object, file: string) => renderNginx(checkProxySettings(given), gateway).get(file) ?? "";

describe("a template", () => {
  it("has values put in, and lines with the indentation of their place", () => {
    const values = { name: "x", lines: ["a;", "b;"], none: [] };
    expect(fillTemplate("s {{name}};\n  {{lines}}\n{{none}}\nend", values, () => {})).toBe("s x;\n  a;\n  b;\nend");
  });

  it("is refused where it names what has no value", () => {
    expect(() => fillTemplate("{{nothing}}", {}, () => {})).toThrow("{{nothing}}");
  });
});

describe("the proxy's settings", () => {
  it("as they are shipped can be used", () => {
    expect(loadProxySettings("nginx/default.yaml").gateways).toEqual(["127.0.0.1:8000"]);
  });

  it.each([
    { gateways: ["127.0.0.1:8000; }"] },
    { gateways: ["127.0.0.1"] },
    { gateways: [] },
    { serverNames: ["a b"] },
    { certificate: "/x; include /etc/passwd" },
    { operators: ["all"] },
    { trustedProxies: ["10.0.0.0/8;"] },
    { user: "root;" },
    { httpsPort: 0 },
    { nonsense: true },
    { gateways: ["127.0.0.1:9", "127.0.0.1:9"] },
  ])("are refused where nginx would read something else into them: %j", (given) => {
    expect(() => checkProxySettings(given)).toThrow(ProxySettingsError);
  });

  it("are all explained in the guide", () => {
    const guide = readFileSync("docs/guides/nginx.md", "utf8");
    const table = guide.split("\n").filter((line) => line.startsWith("| `"));
    const explained = table.flatMap((line) =>
      [...(line.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(explained.sort()).toEqual(Object.keys(ProxySettings.properties).sort());
  });

  it("are refused with every fault at once", () => {
    expect(() => checkProxySettings({ httpPort: -1, hstsMaxAgeS: "x" })).toThrow(/httpPort.*\n.*hstsMaxAgeS/s);
  });
});

describe("what is rendered", () => {
  it("leaves nothing to fill in", () => {
    for (const [file, text] of renderNginx(checkProxySettings({}), gateway))
      expect(text, file).not.toMatch(/\{\{\w+\}\}/);
  });

  it("has for each gateway groups that lack it, chosen by its mark", () => {
    const given = { gateways: ["a:1", "b:1"], stateFolder: "/s" };
    const upstreams = fileOf(given, "snippets/upstreams.conf");
    const groups = [...upstreams.matchAll(/upstream (\w+) \{([^}]*)\}/g)].map(([, name, text = ""]) => [
      name,
      [...text.matchAll(/server (\S+) /g)].map(([, server]) => server),
    ]);
    expect(Object.fromEntries(groups)).toEqual({
      gateways: ["a:1", "b:1"],
      gateways_without_1: ["b:1"],
      gateways_without_2: ["a:1"],
      voice_sessions: ["a:1", "b:1"],
      voice_sessions_without_1: ["b:1"],
      voice_sessions_without_2: ["a:1"],
    });
    expect(fileOf(given, "snippets/draining.conf")).toContain(
      "if (-f /s/draining/b:1) {\n    set $without _without_2;",
    );
  });

  it.each([{ gateways: ["a:1"] }, { gateways: ["a:1", "b:1"], resolver: "127.0.0.11" }])(
    "has no mark where none can be done without, or names tell who is there: %j",
    (given) => {
      expect(fileOf(given, "snippets/draining.conf")).not.toContain("if (");
      expect(fileOf(given, "snippets/upstreams.conf")).not.toContain("_without_");
    },
  );

  it("has no port that is set to 0", () => {
    const text = fileOf({ httpPort: 0, voicePort: 0, statusPort: 0 }, "nginx.conf");
    expect(text.match(/listen [^;]+;/g)).toEqual(["listen 0.0.0.0:443 ssl http2 default_server;"]);
  });

  it("follows the gateway's waits and limits", () => {
    const http = { ...gateway.http, headersTimeoutMs: 1234, requestTimeoutMs: 2345, stalledReaderMs: 0 };
    const waits = renderNginx(checkProxySettings({}), { ...gateway, http }).get("snippets/waits.conf");
    expect(waits).toContain("client_header_timeout 1234ms;");
    expect(waits).toContain("client_body_timeout 2345ms;");
    expect(waits).toContain("send_timeout 1d;");
  });
});

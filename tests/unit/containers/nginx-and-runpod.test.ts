import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readDockerfile } from "../../../scripts/containers/dockerfile.ts";
import { checkProxySettings } from "../../../scripts/nginx/proxy-settings.ts";
import { renderNginx } from "../../../scripts/nginx/render-nginx.ts";
import { environmentVariables, loadSettings } from "../../../services/settings/index.ts";
import { root } from "./compose-file.ts";

const settings = loadSettings(`${root}configs`, {});
const upstreams = (given: unknown): string =>
  renderNginx(checkProxySettings(given), settings).get("snippets/upstreams.conf") ?? "";

describe("nginx before replicas that come and go", () => {
  it("asks the name server again and again, for chats and for voice", () => {
    const text = upstreams(parse(readFileSync(`${root}deploy/containers/nginx.yaml`, "utf8")));
    expect(text).toContain("resolver 127.0.0.11 valid=5s ipv6=off;");
    expect(text).toContain("server turkish-ai-agent:8000 resolve max_fails=3 fail_timeout=5s;");
    expect(text).toContain("server turkish-ai-agent:8000 resolve max_fails=0;");
    // nginx resolves again only what lies in shared memory.
    expect(text.match(/zone \w+ 128k;/g)?.length).toBe(2);
  });

  it("is written for nginx 1.22 as before where no name server is named", () => {
    const text = upstreams({ gateways: ["127.0.0.1:8000"] });
    expect(text).not.toMatch(/resolve/);
    expect(text).toContain("server 127.0.0.1:8000 max_fails=3 fail_timeout=5s;");
  });

  it("refuses a name server that is no address", () => {
    expect(() => checkProxySettings({ resolver: "127.0.0.11; include /etc/passwd" })).toThrow("/resolver");
    expect(checkProxySettings({ resolver: "[::1]:5353" }).resolver).toBe("[::1]:5353");
  });
});

describe("deploy/runpod/template.json", () => {
  const template = JSON.parse(readFileSync(`${root}deploy/runpod/template.json`, "utf8")) as {
    readonly env: Readonly<Record<string, string>>;
    readonly isServerless: boolean;
    readonly dockerEntrypoint: readonly string[];
    readonly dockerStartCmd: readonly string[];
    readonly imageName: string;
  };

  it("starts the worker of the image, the way the image starts its programs", () => {
    const cuda = readDockerfile(`${root}Dockerfile.serve`).stages.find(({ name }) => name === "cuda");
    expect(template.dockerEntrypoint).toEqual(cuda?.steps.find(({ keyword }) => keyword === "ENTRYPOINT")?.words);
    expect(template.dockerStartCmd).toEqual(["node", "bin/run.js", "worker"]);
    expect(template.isServerless).toBe(true);
    expect(template.imageName).toMatch(/:runpod$/);
  });

  it("sets variables that the settings take, and leaves the endpoint's own to the endpoint", () => {
    expect(Object.keys(template.env).filter((name) => !(name in environmentVariables))).toEqual([]);
    expect(Object.keys(template.env).filter((name) => name.startsWith("RUNPOD_"))).toEqual([]);
    expect(loadSettings(`${root}configs`, template.env).worker.concurrency).toBe(4);
  });

  it("holds no secret", () => {
    expect(Object.keys(template.env).filter((name) => /TOKEN|KEY|SECRET|PASSWORD/.test(name))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { isPublicAddress, withinNetworks } from "../../../services/serverless/webhook/public-address.ts";
import {
  checkedWebhookUrl,
  resolvedAddress,
  webhookRules,
} from "../../../services/serverless/webhook/webhook-address.ts";

const strict = webhookRules({ allowHttp: false, privateNetworks: [] });
const never = new AbortController().signal;

describe("addresses a webhook may have", () => {
  it.each(["8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::200e"])(
    "takes %s for the open internet",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ["this host", "0.0.0.0"],
    ["loopback", "127.0.0.1"],
    ["all of loopback", "127.255.255.254"],
    ["private", "10.1.2.3"],
    ["private", "172.16.0.1"],
    ["private", "192.168.1.1"],
    ["shared", "100.64.0.1"],
    ["cloud metadata", "169.254.169.254"],
    ["broadcast", "255.255.255.255"],
    ["multicast", "224.0.0.1"],
    ["unspecified IPv6", "::"],
    ["loopback IPv6", "::1"],
    ["mapped loopback", "::ffff:127.0.0.1"],
    ["mapped public", "::ffff:8.8.8.8"],
    ["compatible", "::127.0.0.1"],
    ["translated", "64:ff9b::7f00:1"],
    ["6to4 of a private address", "2002:c0a8:0101::1"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    ["unique local", "fd00:ec2::254"],
    ["link-local", "fe80::1"],
    ["link-local with its zone", "fe80::1%eth0"],
    ["documentation", "2001:db8::1"],
    ["no address at all", "localhost"],
  ])("keeps out %s: %s", (_kind, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it("knows networks and single addresses that the settings grant", () => {
    const granted = withinNetworks(["10.1.0.0/16", "192.168.1.7", "fd00::/8"]);
    expect(["10.1.200.3", "192.168.1.7", "fd12::1"].every(granted)).toBe(true);
    expect(["10.2.0.1", "192.168.1.8", "fe80::1"].some(granted)).toBe(false);
  });

  it("says which network of the settings is none", () => {
    expect(() => withinNetworks(["intranet"])).toThrow('"intranet" is no network');
  });
});

describe("a webhook's URL", () => {
  const refused = expect.objectContaining({ code: "webhook_refused", status: 400 });

  it.each([
    "not a url",
    "ftp://example.com/",
    "file:///etc/passwd",
    "http://example.com/",
    "https://user:secret@example.com/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data/",
    `https://example.com/${"x".repeat(2048)}`,
  ])("is refused before the network is asked: %.60s", (url) => {
    expect(() => checkedWebhookUrl(url, strict)).toThrow(refused);
  });

  it("may be http only where the settings allow it", () => {
    expect(checkedWebhookUrl("http://example.com/a?b=1", { ...strict, allowHttp: true }).href).toBe(
      "http://example.com/a?b=1",
    );
  });

  it("is refused when its name means loopback", async () => {
    const lookup = async () => ["127.0.0.1"];
    await expect(resolvedAddress(new URL("https://innocent.example/"), strict, lookup, never)).rejects.toThrow(refused);
  });

  it("is refused when only one of its name's addresses is private", async () => {
    const lookup = async () => ["93.184.216.34", "10.0.0.5"];
    await expect(resolvedAddress(new URL("https://mixed.example/"), strict, lookup, never)).rejects.toThrow(refused);
  });

  it("gives the address that was checked", async () => {
    const lookup = async () => ["2606:4700::1111", "93.184.216.34"];
    expect(await resolvedAddress(new URL("https://open.example/"), strict, lookup, never)).toBe("2606:4700::1111");
  });

  it("is no success, but can be tried again, when its name has no address", async () => {
    const failed = expect.objectContaining({ code: "webhook_failed" });
    const url = new URL("https://gone.example/");
    await expect(resolvedAddress(url, strict, async () => [], never)).rejects.toThrow(failed);
    await expect(resolvedAddress(url, strict, () => Promise.reject(new Error("ENOTFOUND")), never)).rejects.toThrow(
      failed,
    );
  });
});

import { BlockList, isIP } from "node:net";

/** IPv4 that is no host on the open internet: this host, private, shared, loopback, link-local (cloud metadata), special, multicast. */
const closedIpv4 = subnets("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]);
/** Hosts of the open internet have one of these; loopback, mapped and translated IPv4, unique-local and link-local do not. */
const openIpv6 = subnets("ipv6", [["2000::", 3]]);
/** Protocol assignments (Teredo carries IPv4 inside), documentation, 6to4 (carries IPv4 inside), documentation again. */
const closedIpv6 = subnets("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);

function subnets(family: "ipv4" | "ipv6", list: readonly (readonly [string, number])[]): BlockList {
  const blocks = new BlockList();
  for (const [network, prefix] of list) blocks.addSubnet(network, prefix, family);
  return blocks;
}

/** Whether an address belongs to the open internet. What is no address does not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closedIpv4.check(address);
  return family === 6 && openIpv6.check(address, "ipv6") && !closedIpv6.check(address, "ipv6");
}

/** @param networks `10.1.0.0/16` or single addresses @returns whether an address lies in one of them @throws {RangeError} one is no network */
export function withinNetworks(networks: readonly string[]): (address: string) => boolean {
  const blocks = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address);
    const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
    if (family === 0 || !Number.isInteger(prefix)) throw new RangeError(`"${network}" is no network.`);
    blocks.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  }
  return (address) => blocks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

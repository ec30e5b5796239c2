import { isIPv6 } from "node:net";

/**
 * Whose requests count together: an IPv4 address, or the /64 of an IPv6 address, which is one customer's at most providers.
 * @param ip as the socket or the proxy gives it
 */
export function countedAddress(ip: string): string {
  const address = ip.split("%")[0] ?? ip;
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.split("::");
  const left = groups(head);
  const right = groups(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${all.slice(0, 4).join(":")}::/64`;
}

/** `1:02` → two groups without leading zeros; a dotted end counts as two, whatever they are: it is never among the first four. */
function groups(text: string): string[] {
  if (text === "") return [];
  return text
    .split(":")
    .flatMap((group) => (group.includes(".") ? ["0", "0"] : [group.toLowerCase().replace(/^0+(?=.)/, "")]));
}

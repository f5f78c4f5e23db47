import { isIpv4 } from "../domain/ip-address.ts";
import { networkFileLimits } from "../domain/limits.ts";
import { targetForms } from "./clouds/targets.ts";
import { durationMs, durationText } from "./duration.ts";
import type { MistakeList } from "./mistakes.ts";
import type { HostView, LinkView, LocationView } from "./view.ts";

const electionFields = ["priority", "timeout", "backoff", "target"] as const;

/** Notes what does not go together in the settings of links, locations and hosts. */
export function checkHosts(links: readonly LinkView[], mistakes: MistakeList): void {
  for (const link of links) {
    checkLink(link, mistakes);
    for (const location of link.locations ?? []) {
      checkLocation(location, mistakes);
      for (const host of location.hosts ?? []) {
        if (host.isStatic) checkStaticHost(host, link, location, mistakes);
        else checkHost(host, link, location, mistakes);
        checkAddress(host, link, mistakes);
      }
    }
  }
}

function checkLink(link: LinkView, mistakes: MistakeList): void {
  const { path, protocol, given } = link;
  if (protocol === "ipsec" && given.has("wgPort")) {
    const reason = "the link is not a WireGuard link: remove it, or write protocol: wg";
    mistakes.add([...path, "wgPort"], reason);
  }
  if (protocol === "wg" && given.has("ciphers")) {
    const reason = "WireGuard has no choice of ciphers: remove them, or write protocol: ipsec";
    mistakes.add([...path, "ciphers"], reason);
  }
}

function checkLocation({ path, fields, given, hosts }: LocationView, mistakes: MistakeList): void {
  const staticHost = hosts?.find(({ isStatic }) => isStatic);
  if (fields.removeRoutes === true && !given.has("cloud")) {
    const reason = "the location has no cloud, so no routes to remove: remove it, or write the cloud";
    mistakes.add([...path, "removeRoutes"], reason);
  }
  if (staticHost && given.has("cloud")) {
    const reason = `its host ${staticHost.name} is static, so routes have no target here: remove the cloud, or static`;
    mistakes.add([...path, "cloud"], reason);
  }
  const targets = new Map<string, string>();
  for (const host of hosts ?? []) {
    const target = host.fields.target;
    if (target === undefined || target === "auto") continue;
    const first = targets.get(target);
    if (first === undefined) targets.set(target, host.name);
    else mistakes.add([...host.path, "target"], `already the target of ${first}: write this host's own`);
  }
}

function checkStaticHost(host: HostView, { protocol }: LinkView, location: LocationView, mistakes: MistakeList): void {
  if ((location.hosts?.length ?? 0) > 1) {
    const reason = "a static host is the only host of its location: move it to a location of its own";
    mistakes.add([...host.path, "static"], reason);
  }
  if (!host.given.has("publicAddress")) {
    const reason = "missing: a static host never reports its address: write it, such as 203.0.113.9";
    mistakes.add([...host.path, "publicAddress"], reason);
  }
  if (protocol === "wg") {
    const reason = "a static host has no WireGuard key to tell the others: use protocol: ipsec";
    mistakes.add([...host.path, "static"], reason);
  }
  for (const field of electionFields) {
    if (!host.given.has(field)) continue;
    const reason = "a static host takes no part in elections: remove it, or remove static";
    mistakes.add([...host.path, field], reason);
  }
}

function checkHost(host: HostView, link: LinkView, location: LocationView, mistakes: MistakeList): void {
  if (host.given.has("target") && !location.given.has("cloud")) {
    const reason = "the location has no cloud, so no routes to point at it: remove it, or write the cloud";
    mistakes.add([...host.path, "target"], reason);
  }
  const { target } = host.fields;
  if (target !== undefined && target !== "auto" && location.cloud !== undefined) {
    const { pattern, write } = targetForms[location.cloud.provider];
    if (!pattern.test(target)) {
      mistakes.add([...host.path, "target"], `not a route target of ${location.cloud.provider}: write ${write}`);
    }
  }
  const timeout = host.fields.timeout;
  const leastMs = networkFileLimits.timeoutWithChecksMs;
  if (timeout !== undefined && link.hostCheck && durationMs(timeout) < leastMs) {
    const why = "too short with host checks, since one silent peer stretches an agent's interval to 4 s";
    const reason = `${why}: write ${durationText(leastMs)} or more, or hostCheck: false on the link`;
    mistakes.add([...host.path, "timeout"], reason);
  }
}

/** Tunnels of a link run between addresses of one family. */
function checkAddress(host: HostView, { ipv6 }: LinkView, mistakes: MistakeList): void {
  const address = host.fields.publicAddress;
  if (address === undefined || isIpv4(address) !== ipv6) return;
  const reason = ipv6
    ? "an IPv4 address in a link whose tunnels run over IPv6: write an IPv6 address, or ipv6: false"
    : "an IPv6 address in a link whose tunnels run over IPv4: write an IPv4 address, or ipv6: true";
  mistakes.add([...host.path, "publicAddress"], reason);
}

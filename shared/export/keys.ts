import type { DeviceDescription, Peer } from "./description.ts";

/** A peer's pre-shared key, or what stands in its place until somebody puts the key there. */
export function keyOf(peer: Peer): string {
  return peer.preSharedKey ?? `REPLACE-BY-KEY:${peer.secret}`;
}

/** `LINK/LOCATION/HOST`. */
export function pathOf({ link, location, host }: DeviceDescription): string {
  return `${link}/${location}/${host}`;
}

/** What is said above every configuration: whose it is, and where its keys are to be had. Without comment marks. */
export function headOf(device: DeviceDescription, format: string): readonly string[] {
  const path = pathOf(device);
  const holdsKeys = device.peers.some((peer) => peer.preSharedKey !== null);
  return [
    `Tunnels of ${path} at ${device.address}, keys of generation ${device.keyGeneration}. Printed by`,
    `pointsman export ${path} --format ${format}${holdsKeys ? " --secrets" : ""}`,
    ...(holdsKeys
      ? ["This text holds pre-shared keys: keep it where you keep passwords."]
      : [
          "Pre-shared keys are left out: print this with --secrets, or put each key in the place of its",
          "REPLACE-BY-KEY:NAME. That keys were printed is recorded.",
        ]),
    "Every host of a location stands here, since each may become the active one: only the active one answers,",
    "and it sets the tunnel up by itself. See docs/devices.md.",
    ...(device.online ? [] : [`The link ${device.link} is offline: no host answers until it is online again.`]),
    ...(device.action === "hold" && device.peers.some((peer) => peer.hosts.length > 1)
      ? [
          `The link ${device.link} has action: hold: after a failover a new active host sets a tunnel up only when it has`,
          "traffic for it. With a device, action: restart is the better choice.",
        ]
      : []),
  ];
}

/** Lines with a comment mark before each. */
export function commented(lines: readonly string[], mark = "#"): readonly string[] {
  return lines.map((line) => (line === "" ? mark : `${mark} ${line}`));
}

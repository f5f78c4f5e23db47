import type { DeviceDescription } from "./description.ts";
import { edgerouter } from "./edgerouter.ts";
import { ipsecConf } from "./ipsec-conf.ts";
import { pfsense } from "./pfsense.ts";
import { swanctl } from "./swanctl.ts";
import { vyos } from "./vyos.ts";

/** Writes the configuration of a device, in the device's own language. Throws `ExportError`. */
export type DeviceRenderer = (device: DeviceDescription) => string;

/** The formats of devices by the name that a user gives. */
export const deviceFormats: ReadonlyMap<string, DeviceRenderer> = new Map([
  ["edgerouter", edgerouter],
  ["vyos", vyos],
  ["swanctl", swanctl],
  ["ipsec.conf", ipsecConf],
  ["pfsense", pfsense],
]);

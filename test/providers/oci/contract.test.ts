import { providerContract } from "../contract.ts";
import { emulatedWorld } from "./emulated-world.ts";

const family = "no IPv6 rule of OCI can point at a private IP";
const whole = "one call writes all changes of a table: write.test.ts tries this with whole tables";

providerContract("OCI, emulated", emulatedWorld, {
  "reads IPv6 routes in canonical form": family,
  "writes IPv6 routes": family,
  "says who may not do what where, and applies the rest": whole,
  "does not repeat a call that the cloud failed": whole,
  "writes what was throttled in its turn, each attempt with its own guard": whole,
  "begins no call that its guard has not let through, and none after the guard refused one": whole,
  "begins no call after the signal aborts, and waits for those that are under way": whole,
});

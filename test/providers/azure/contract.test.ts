import { providerContract } from "../contract.ts";
import { emulatedWorld } from "./emulated-world.ts";

const noAddress6 = "a route's next hop is the private IPv4 address of a host";

providerContract("Azure, emulated", emulatedWorld, {
  "takes the primary interface of an instance that is named": "a host's target is the id of an interface",
  "does not offer for change what the cloud made itself": "a route table shows no system routes",
  "shows a route whose interface is attached to nothing as a blackhole": "a route shows no state of its next hop",
  "writes IPv6 routes": noAddress6,
  "fails a change for its missing target or table alone, and applies the rest":
    "a next hop is an address, which Azure does not look for; tables that are gone are tried in faults.test.ts",
});

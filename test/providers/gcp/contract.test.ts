import { providerContract } from "../contract.ts";
import { emulatedWorld } from "./emulated-world.ts";

const oneTable = "a network of Google Cloud has one table, which its location names";
const onlyIpv4 = "no IPv6 destination is given to a location in Google Cloud: see docs/clouds/gcp.md";

providerContract("Google Cloud, emulated", () => emulatedWorld(), {
  "lists the tables that are named, once each and in order of key": oneTable,
  "lists the tables of its network that carry the tag": oneTable,
  "takes a tag's value as it is written, without wildcards": oneTable,
  "refuses a table of another network, with what to do": oneTable,
  "says which of the named tables is not there": oneTable,
  "says when no table carries the tag": oneTable,
  "reads IPv6 routes in canonical form": onlyIpv4,
  "writes IPv6 routes": onlyIpv4,
  "leaves every other destination as it is": `${oneTable}: tried with one in swap.test.ts`,
});

import { providerContract } from "../contract.ts";
import { emulatedWorld } from "./emulated-world.ts";

const oneTable = "a network of Hetzner is one table";
const ipv4 = "networks of Hetzner carry IPv4 alone";
const twoCalls = "a replace is two calls here: swap.test.ts says the same for them";

/** What Hetzner has otherwise; what takes its place is in the files beside this one. */
providerContract("Hetzner, emulated", emulatedWorld, {
  "lists the tables that are named, once each and in order of key": oneTable,
  "lists the tables of its network that carry the tag": oneTable,
  "takes a tag's value as it is written, without wildcards": oneTable,
  "lists every table of its network through all pages, and none of another": oneTable,
  "refuses a table of another network, with what to do": oneTable,
  "says which of the named tables is not there": oneTable,
  "says when no table carries the tag": oneTable,
  "reads every route of every table through all pages": "a network is read whole: its routes have no pages",
  "creates, replaces and removes, with one outcome a change": oneTable,
  "reads IPv6 routes in canonical form": ipv4,
  "writes IPv6 routes": ipv4,
  "does not offer for change what the cloud made itself": "the API shows no routes but those that were added",
  "shows a route whose interface is attached to nothing as a blackhole": "the API shows no state of a route",
  "replaces in place: no destination is ever without a route": "the API has no replace: swap.test.ts measures the gap",
  "leaves every other destination as it is": "a network takes no destinations that overlap: details.test.ts",
  "fails a change for its missing target or table alone, and applies the rest":
    "the API takes any address of the network as a gateway: details.test.ts has those it does not take",
  "does not repeat a call whose answer was lost, and says that it may be tried again": twoCalls,
  "does not repeat a call that the cloud failed": twoCalls,
  "writes what was throttled in its turn, each attempt with its own guard": twoCalls,
  "begins no call that its guard has not let through, and none after the guard refused one": twoCalls,
  "begins no call after the signal aborts, and waits for those that are under way": twoCalls,
});

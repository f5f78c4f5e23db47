import { describe, expect, it } from "vitest";
import { createOciEmulator } from "../../../dev/emulators/oci/emulator.ts";
import { inProcess } from "../../../dev/emulators/oci/in-process.ts";
import { OCI_OPERATIONS } from "../../../dev/emulators/oci/operations.ts";
import { RouteRule } from "../../../dev/emulators/oci/world.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { ociClient } from "../../../shared/providers/oci/client.ts";
import { apiKeyIdentity } from "../../../shared/providers/oci/identity.ts";
import { ociProvider } from "../../../shared/providers/oci/provider.ts";
import { turnOf, untilDone } from "../../providers/contract/world.ts";
import { heldSecrets, KEY } from "../../providers/oci/api-key.ts";
import { cloudOf, ocid, REGION, seedOf } from "../../providers/oci/emulated-world.ts";
import { misfits, sdkModel, sdkOperation } from "./sdk-model.ts";

const operations = Object.entries(OCI_OPERATIONS);
/** What every request has that is no query parameter of its own. */
const common = [
  "opcRequestId",
  "opcRetryToken",
  "ifMatch",
  "rtId",
  "privateIpId",
  "vnicId",
  "subnetId",
  "vcnId",
  "securityListId",
  "networkSecurityGroupId",
];

/** A listing with an id in its path. */
const GROUP_RULES = "ListNetworkSecurityGroupSecurityRules";

type Exchange = { readonly method: string; readonly path: string; readonly body: unknown; readonly headers: Headers };

/** Everything that is asked and answered while the provider surveys, resolves and writes, in both strategies. */
async function exchanges(): Promise<readonly Exchange[]> {
  const [table, second] = [ocid("routetable", "0000"), ocid("privateip", "second")];
  const emulator = createOciEmulator({ clock: systemClock, world: seedOf([table]) });
  emulator.control.edit.putRule(table, { cidrBlock: "10.8.0.0/16", networkEntityId: second });
  const seen: Exchange[] = [];
  const send = inProcess(emulator);
  const client = ociClient(
    REGION,
    apiKeyIdentity(heldSecrets(KEY.secret), "oci"),
    "http://oci.test",
    async (uri, init) => {
      const answer = await send(uri, init);
      const body: unknown = await answer.clone().json();
      seen.push({ method: init.method ?? "GET", path: new URL(uri).pathname, body, headers: answer.headers });
      return answer;
    },
  );
  const cloud = cloudOf(ocid("vcn", "home"), { by: "network" });
  for (const strategy of [
    cloud,
    { ...cloud, floatingIp: second },
    { ...cloud, routeTables: { by: "id" as const, ids: [table] } },
  ]) {
    const provider = ociProvider(strategy, client, systemClock);
    const { tables } = await provider.survey(untilDone());
    const hosts = [
      { hostId: "hosta", target: "auto", localAddress: "10.0.0.4" },
      { hostId: "hostb", target: ocid("vnic", "b"), localAddress: "" },
    ];
    await provider.targets(hosts, untilDone());
    const [first] = tables;
    if (first === undefined) throw new Error("no table");
    const destination = first.holds?.kind === "one" ? first.holds.destination : "10.201.0.0/24";
    const [from, to] =
      first.holds === undefined ? ["", ocid("privateip", "a")] : [ocid("vnic", "a"), ocid("vnic", "b")];
    const change = from === "" ? ({ kind: "create" } as const) : ({ kind: "replace", found: from } as const);
    await provider.write([{ ...change, table: first, destination, target: to }], turnOf(), untilDone());
  }
  await client.send((network) => network.privateIpVnicDetach({ privateIpId: second }), untilDone());
  emulator.seed({
    securityLists: [
      {
        id: ocid("securitylist", "1"),
        vcn: ocid("vcn", "home"),
        ingress: [
          { protocol: "17", source: "0.0.0.0/0", ports: [500, 500] },
          { protocol: "6", source: "10.0.0.0/8", ports: [9790, 9790] },
          { source: "all-phx-services-in-oracle-services-network", sourceType: "SERVICE_CIDR_BLOCK" },
        ],
      },
    ],
  });
  await client.send((network) => network.getSecurityList({ securityListId: ocid("securitylist", "1") }), untilDone());
  const group = "ocid1.networksecuritygroup.oc1..1";
  emulator.seed({
    networkSecurityGroups: [
      {
        id: group,
        rules: [
          { protocol: "17", source: "0.0.0.0/0", ports: [500, 500] },
          { protocol: "6", source: "ocid1.networksecuritygroup.oc1..2", sourceType: "NETWORK_SECURITY_GROUP" },
          { protocol: "6", source: "10.0.0.0/8", ports: [9790, 9790], isValid: false },
          { direction: "EGRESS", source: "0.0.0.0/0" },
        ],
      },
    ],
  });
  await client.send(
    (network) => network.listNetworkSecurityGroupSecurityRules({ networkSecurityGroupId: group }),
    untilDone(),
  );
  const updateVnicDetails = { skipSourceDestCheck: true };
  await client.send((network) => network.updateVnic({ vnicId: ocid("vnic", "a"), updateVnicDetails }), untilDone());
  await client.send((network) => network.getVcn({ vcnId: ocid("vcn", "home") }), untilDone());
  return seen;
}

const patternOf = (path: string) => new RegExp(`^/20160918${path.replace(/\{\w+\}/g, "[^/]+")}$`);

describe("the emulator of OCI beside what oci-core ships", () => {
  it.each(operations)("takes the query parameters of %s and no others", (name, operation) => {
    const { fields } = sdkModel("request", `${name}Request`);
    const isListing = name.startsWith("List");
    const parameters = [...fields.keys()].filter(
      (field) =>
        !field.endsWith("Details") && !(isListing && name !== GROUP_RULES ? ["opcRequestId"] : common).includes(field),
    );

    expect([...(operation.kind === "read" ? operation.query : [])].sort()).toEqual(parameters.sort());
  });

  it.each(operations.filter(([name]) => name.startsWith("Update")))(
    "takes the fields of %s and no others",
    (name, operation) => {
      const { fields } = sdkModel("model", `${name}Details`);

      expect(operation.kind === "change" ? [...operation.body].sort() : []).toEqual([...fields.keys()].sort());
    },
  );

  it("takes rules with the fields and values of the model and no others", () => {
    const { fields, enums } = sdkModel("model", "RouteRule");
    const values = (name: string) => enums.get(name)?.filter((value) => value !== "UNKNOWN_VALUE");

    expect(Object.keys(RouteRule.shape).sort()).toEqual([...fields.keys()].sort());
    expect(RouteRule.shape.destinationType.def.innerType.options).toEqual(values("DestinationType"));
    expect(RouteRule.shape.routeType.def.innerType.options).toEqual(values("RouteType"));
  });

  it("answers, at the paths of the client, nothing that the models do not know, and all that they require", async () => {
    const seen = await exchanges();

    const unseen = operations.filter(([name]) => {
      const { method, path, answer, headers } = sdkOperation(name);
      const fitting = seen.filter((exchange) => exchange.method === method && patternOf(path).test(exchange.path));
      for (const exchange of fitting) {
        expect(misfits(exchange.body, answer, name)).toEqual([]);
        if (exchange.headers.has("etag")) expect(headers).toContain("etag");
        if (!name.startsWith("List")) expect(exchange.headers.get("etag")).not.toBeNull();
        expect(exchange.headers.get("opc-request-id")).toMatch(/^[0-9A-F]{32}$/);
      }
      return fitting.length === 0;
    });
    expect(unseen.map(([name]) => name)).toEqual([]);
  });
});

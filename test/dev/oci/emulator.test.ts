import { describe, expect, it } from "vitest";
import { createOciEmulator, OCI_BUCKETS } from "../../../dev/emulators/oci/emulator.ts";
import { inProcess } from "../../../dev/emulators/oci/in-process.ts";
import { DEFAULT_COMPARTMENT } from "../../../dev/emulators/oci/world.ts";
import { testClock } from "../../../dev/test-clock.ts";
import { apiKeyIdentity } from "../../../shared/providers/oci/identity.ts";
import { apiKey, heldSecrets, KEY } from "../../providers/oci/api-key.ts";
import { ocid, seedOf } from "../../providers/oci/emulated-world.ts";

const table = ocid("routetable", "0000");
const a = ocid("privateip", "a");
const base = "http://oci.test/20160918";

type Asked = { readonly method?: string; readonly ifMatch?: string; readonly body?: unknown; readonly secret?: string };

/** An emulator, and requests to it that are signed by the SDK but made by hand. */
function bench() {
  const clock = testClock();
  const emulator = createOciEmulator({ clock, world: seedOf([table]) });
  const send = inProcess(emulator);
  const ask = async (path: string, { method = "GET", ifMatch, body, secret = KEY.secret }: Asked = {}) => {
    const uri = `${base}${path}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = new Headers({ "content-type": "application/json" });
    if (ifMatch !== undefined) headers.set("if-match", ifMatch);
    const signer = await apiKeyIdentity(heldSecrets(secret), "oci").signer();
    const request = { uri, headers, ...(text !== undefined && { body: text }) };
    await signer.signHttpRequest({ ...request, method: method as "GET" });
    const answer = await send(uri, { method, headers, ...(text !== undefined && { body: text }) });
    const read = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, code: read["code"], message: read["message"], body: read, headers: answer.headers };
  };
  const put = (routeRules: unknown, more: Asked = {}) =>
    ask(`/routeTables/${table}`, { method: "PUT", body: { routeRules }, ...more });
  return { clock, emulator, ask, put, send };
}

const rule = { destination: "10.9.0.0/16", destinationType: "CIDR_BLOCK", networkEntityId: a };

describe("what the emulator of OCI refuses", () => {
  it.each([
    ["both names of a destination", { ...rule, cidrBlock: "10.9.0.0/16" }, "cannot both be given"],
    ["no destination", { networkEntityId: a }, "destination is required"],
    [
      "a destination without its type",
      { destination: "10.9.0.0/16", networkEntityId: a },
      "destinationType is required",
    ],
    ["a field that no rule has", { ...rule, metric: 1 }, "routeRules"],
    ["a type of destination that there is not", { ...rule, destinationType: "CIDR" }, "routeRules"],
    ["a destination with host bits", { ...rule, destination: "10.9.0.1/16" }, "not a valid CIDR"],
    ["an IPv6 destination at a private IP", { ...rule, destination: "fd00::/64" }, "IPv6"],
    ["a VNIC as a target", { ...rule, networkEntityId: ocid("vnic", "a") }, "Invalid entity type"],
    ["a private IP of another VCN", { ...rule, networkEntityId: ocid("privateip", "elsewhere") }, "not in the VCN"],
    ["services at anything but their gateway", { ...rule, destinationType: "SERVICE_CIDR_BLOCK" }, "service gateway"],
    ["a rule that only OCI makes", { ...rule, routeType: "LOCAL" }, "LOCAL"],
  ])("is %s", async (_, wrong, why) => {
    const { put, emulator } = bench();

    expect(await put([wrong])).toMatchObject({
      status: 400,
      code: "InvalidParameter",
      message: expect.stringContaining(why),
    });
    expect(emulator.control.edit.rules(table)).toHaveLength(1);
  });

  it("is a target whose VNIC drops what is not meant for it, and one that is not there", async () => {
    const { put, emulator } = bench();
    emulator.control.edit.setVnic(ocid("vnic", "a"), { skipSourceDestCheck: false });

    expect((await put([rule])).message).toContain("SRC/DST check is enabled");
    expect(await put([{ ...rule, networkEntityId: ocid("privateip", "gone") }])).toMatchObject({
      status: 404,
      code: "NotAuthorizedOrNotFound",
    });
  });

  it("is one destination twice, and more rules than a table takes", async () => {
    const { put, emulator } = bench();
    emulator.seed({ ruleQuota: 2 });
    const rules = [1, 2, 3].map((at) => ({ ...rule, destination: `10.${at}.0.0/16` }));

    expect((await put([rule, rule])).message).toContain("same destination");
    expect(await put(rules)).toMatchObject({ status: 400, code: "LimitExceeded" });
    expect((await put(rules.slice(0, 2))).status).toBe(200);
  });

  it("is an etag of yesterday, but not a request without one", async () => {
    const { ask, put } = bench();
    const etag = (await ask(`/routeTables/${table}`)).headers.get("etag") ?? "";

    expect((await put([rule])).status).toBe(200);
    expect(await put([], { ifMatch: etag })).toMatchObject({ status: 412, code: "NoEtagMatch" });
  });

  it("is a change of a table that is busy or not made yet", async () => {
    const { put, emulator, clock } = bench();
    emulator.control.busy(table, 1_000);

    expect(await put([rule])).toMatchObject({ status: 409, code: "IncorrectState" });
    await clock.advance(1_000);
    expect((await put([rule])).status).toBe(200);
    emulator.seed({ routeTables: [{ id: table, vcn: ocid("vcn", "home"), lifecycleState: "PROVISIONING" }] });
    expect(await put([rule])).toMatchObject({ status: 409, code: "IncorrectState" });
  });

  it("is to move an address to another subnet, and a primary address at all", async () => {
    const { ask } = bench();
    const move = (id: string, vnicId: string) => ask(`/privateIps/${id}`, { method: "PUT", body: { vnicId } });

    expect((await move(ocid("privateip", "second"), ocid("vnic", "elsewhere"))).message).toContain("same subnet");
    expect((await move(a, ocid("vnic", "b"))).message).toContain("primary");
    expect((await move(ocid("privateip", "second"), ocid("vnic", "b"))).status).toBe(200);
  });

  it.each([
    ["/privateIps", 400],
    ["/privateIps?ipAddress=10.0.0.4", 400],
    ["/routeTables?vcnId=x", 400],
    [`/routeTables?compartmentId=${DEFAULT_COMPARTMENT}&wild=1`, 400],
    [`/routeTables?compartmentId=${DEFAULT_COMPARTMENT}&limit=0`, 400],
    ["/routeTables/none", 404],
    ["/loadBalancers", 404],
    ["/vnics", 405],
  ])("is %s, with %d", async (path, status) => {
    expect((await bench().ask(path)).status).toBe(status);
  });

  it("is a body with a field that the API does not know, or none at all", async () => {
    const { ask } = bench();
    const put = (body: unknown) => ask(`/routeTables/${table}`, { method: "PUT", body });

    expect(await put({ rules: [] })).toMatchObject({ status: 400, message: expect.stringContaining("rules") });
    expect((await put([])).status).toBe(400);
    expect((await put({ routeRules: {} })).status).toBe(400);
  });

  it("is whoever does not sign, signs with another key, or sends another body than was signed", async () => {
    const { ask, send } = bench();
    const other = apiKey("01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10");
    const stolen = JSON.stringify({ ...JSON.parse(other.secret), fingerprint: JSON.parse(KEY.secret).fingerprint });

    expect((await send(`${base}/vcns/x`, { method: "GET" })).status).toBe(401);
    for (const secret of [other.secret, stolen]) {
      expect(await ask(`/routeTables/${table}`, { secret })).toMatchObject({ status: 401, code: "NotAuthenticated" });
    }
    const headers = new Headers({ "content-type": "application/json" });
    const uri = `${base}/routeTables/${table}`;
    const signer = await apiKeyIdentity(heldSecrets(KEY.secret), "oci").signer();
    await signer.signHttpRequest({ method: "PUT", uri, headers, body: '{"routeRules":[]}' });
    expect((await send(uri, { method: "PUT", headers, body: '{"routeRules":{}}' })).status).toBe(401);
  });
});

describe("what the emulator of OCI keeps to", () => {
  it("goes through listings page by page", async () => {
    const { ask, emulator } = bench();
    const home = ocid("vcn", "home");
    emulator.seed({ routeTables: [1, 2].map((at) => ({ id: ocid("routetable", `x${at}`), vcn: home })) });
    const list = `/routeTables?compartmentId=${DEFAULT_COMPARTMENT}&vcnId=${home}&limit=2`;

    const first = await ask(list);
    const last = await ask(`${list}&page=${first.headers.get("opc-next-page")}`);

    expect([first.body, last.body].map((page) => Object.keys(page).length)).toEqual([2, 1]);
    expect(last.headers.get("opc-next-page")).toBeNull();
  });

  it("keeps the rules that OCI made itself, whatever the request has", async () => {
    const { put, emulator } = bench();

    await put([rule]);

    expect(emulator.control.edit.rules(table).map(({ routeType }) => routeType)).toEqual(["LOCAL", "STATIC"]);
  });

  it("throttles each operation by itself, at its assumed rate", async () => {
    const { put, emulator, clock } = bench();
    emulator.control.throttling(true);

    const statuses = [];
    for (let at = 0; at <= OCI_BUCKETS.change.size; at++) statuses.push((await put([rule])).status);
    await clock.advance(1_000 / OCI_BUCKETS.change.perSecond);

    expect(statuses.slice(-2)).toEqual([200, 429]);
    expect((await put([rule])).status).toBe(200);
  });

  it("tells which destinations led nowhere meanwhile", async () => {
    const { put, emulator, clock } = bench();
    await put([rule]);
    const sinceMs = clock.nowMs() + 1;
    await clock.advance(10);

    await put([{ ...rule, networkEntityId: ocid("privateip", "b") }]);
    expect(emulator.control.gaps(sinceMs)).toEqual([]);
    await put([]);
    expect(emulator.control.gaps(sinceMs)).toEqual([`${table} 10.9.0.0/16`]);
    await put([rule]);
    emulator.control.edit.removeVnic(ocid("vnic", "a"));
    expect(emulator.control.moments().at(-1)).toMatchObject({ target: a, state: "blackhole" });
  });

  it("comes back from what it was dumped to", async () => {
    const { put, emulator } = bench();
    await put([rule]);
    const dumped = emulator.dump();
    const other = bench();

    other.emulator.restore(JSON.parse(JSON.stringify(dumped)));

    expect(other.emulator.dump()).toEqual(dumped);
    expect((await other.ask(`/routeTables/${table}`)).status).toBe(200);
  });
});

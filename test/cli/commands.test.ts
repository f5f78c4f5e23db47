import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { orphansIn } from "../admin/orphans-in.ts";
import { sampleFile, sampleWorld, type World } from "../admin/world.ts";
import { type Desk, openDesk } from "./desk.ts";

let world: World;
let desk: Desk;
beforeEach(async () => {
  world = await sampleWorld();
  desk = await openDesk(world);
});
afterEach(async () => {
  await desk.close();
  await world.expectNoSecrets(desk.printed);
});

const east = "backbone/us-east";
const without = (...names: readonly string[]) =>
  sampleFile
    .split("\n")
    .filter((line) => !names.some((name) => line.includes(`${name}:`)))
    .join("\n");
const withoutOffice = sampleFile.slice(0, sampleFile.indexOf("      office:"));
const json = async (...args: readonly string[]) => {
  const { code, out } = await desk.run([...args, "--json"]);
  return { code, data: JSON.parse(out) as never };
};

describe("status", () => {
  it("is a table a link, and says that nothing needs a look", async () => {
    const { code, out } = await desk.run(["status"]);

    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "backbone  online, host check on, last heartbeat 0.0 s ago",
      "LOCATION  HOST    ROLE     STATE      SEEN   PRIO  TUNNELS  REACHES  ROUTES      ACTIVE FOR",
      "office    router  static   -          -      -     -        -        -           -",
      "us-east   a1      active   available  0.0 s  20    2 up     1 of 1   4 verified  1 m 4 s (first-host)",
      "          a2      standby  available  0.0 s  10    -        1 of 1",
      "us-west   b1      active   available  0.0 s  20    2 up     1 of 1   4 verified  1 m 4 s (first-host)",
      "          b2      standby  available  0.0 s  10    -        1 of 1",
      "",
      "nothing needs a look",
      "",
      "network version 1, last sweep 0.0 s ago",
    ]);
  });

  it("lists what needs a look, with what to do", async () => {
    await desk.run(["pause", "--why", "maintenance"]);
    await desk.run(["drain", `${east}/a2`]);

    const { out } = await desk.run(["status"]);

    expect(out).toContain("paused by operator anna");
    expect(out).toContain("standby, released");
    expect(out).toMatch(/2 things need a look\n {2}warning {2}.*\n {11}what to do: /);
  });

  it("has colours on a terminal that takes them, and in nothing else", async () => {
    expect((await desk.run(["status"], { hasColour: true })).out).toContain("\u001b[32mavailable\u001b[0m");
    expect((await desk.run(["status"])).out).not.toContain("\u001b");
    expect((await desk.run(["status", "--json"], { hasColour: true })).out).not.toContain("\u001b");
  });

  it("is the same data with --json", async () => {
    const { code, data } = await json("status");
    expect(code).toBe(0);
    expect(data).toMatchObject({ version: 1, links: [{ name: "backbone" }], problems: [] });
  });

  it("with --watch draws itself anew each second until Ctrl-C", async () => {
    const { code, out } = await desk.run(["status", "--watch"], { answers: [], interruptAt: 3 });
    expect(code).toBe(0);
    expect(out.match(/^LOCATION /gm)).toHaveLength(3);
    expect(out).toContain("last heartbeat 2.0 s ago");
  });

  it("with --watch needs a terminal, and does not go with --json", async () => {
    expect((await desk.run(["status", "--watch"])).code).toBe(2);
    expect((await desk.run(["status", "--watch", "--json"], { answers: [] })).code).toBe(2);
  });
});

describe("explain", () => {
  it("takes a location's name alone where only one link has it", async () => {
    const { code, out } = await desk.run(["explain", "us-east"]);

    expect(code).toBe(0);
    expect(out).toContain("backbone/us-east: a1 is active");
    expect(out).toContain("evidence  a1 is the first available host");
    expect(out).toMatch(/now +nothing changes \(active-healthy\): a1 is available; can change in 30.0 s/);
    expect(out).toContain("What would change it\n  - a1 is not heard for 30 s");
    expect(out).toContain("a1: 0.0 s ago, agent 1.0.3594, public 198.51.100.8, private 10.0.0.7, tunnels up to");
    expect(out).toMatch(/1 +2023-11-14 22:13:20Z +nobody → a1 +first-host +sweep +verified after 1 m 4 s +v1/);
    expect(await json("explain", east)).toMatchObject({
      code: 0,
      data: { link: "backbone", location: { active: "a1" } },
    });
  });

  it("names the locations there are for one that is not, and asks for the link where two have it", async () => {
    const second = "  second:\n    locations: { us-east: { networks: [10.8.0.0/16], hosts: { h1: {} } } }\n";
    await world.post("apply", { file: sampleFile + second });

    const both = await desk.run(["explain", "us-east"]);
    expect(both).toMatchObject({ code: 1, out: "" });
    expect(both.err).toContain("give one of: backbone/us-east, second/us-east");
    const unknown = await desk.run(["explain", "nowhere"]);
    expect(unknown).toMatchObject({ code: 1, out: "" });
    expect(unknown.err).toContain('there is no location "nowhere"');
    expect(unknown.err).toContain("the locations are: backbone/office, backbone/us-east, backbone/us-west");
  });

  it("explains a static host", async () => {
    const { out } = await desk.run(["explain", "backbone/office"]);
    expect(out).toContain("backbone/office: router is active");
    expect(out).toContain("nothing: a static host is always active");
  });
});

describe("plan and apply", () => {
  it("show the difference, ask, and apply just that", async () => {
    const path = await desk.file(
      "next.yaml",
      sampleFile.replace("priority: 10, target: eni-0a2", "priority: 30, target: eni-0a2"),
    );

    const planned = await desk.run(["plan", "-f", path]);
    const refused = await desk.run(["apply", "-f", path], { answers: [false] });
    expect((await world.network()).version).toBe(1);
    const applied = await desk.run(["apply", "-f", path, "--why", "a2 is faster"], { answers: [true] });

    expect(planned.out).toContain("~ host backbone/us-east/a2: priority 10 → 30");
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("nothing was done") });
    expect(applied).toMatchObject({ code: 0, out: expect.stringContaining("Apply this to version 1?") });
    expect(applied.out).toContain("version 2 is in force");
    expect((await world.get("network")).body).toMatchObject({ by: "operator anna", why: "a2 is faster" });
  });

  it("do not apply what nobody can confirm, and name --yes", async () => {
    const path = await desk.file("next.yaml", sampleFile.replace("priority: 10", "priority: 11"));
    const { code, err } = await desk.run(["apply", "-f", path]);
    expect(code).toBe(2);
    expect(err).toContain("--yes");
    expect((await json("apply", "-f", path, "--yes")).data).toMatchObject({ state: "applied", version: 2 });
  });

  it("say so when there is nothing to do", async () => {
    const path = await desk.file("same.yaml", sampleFile);
    expect((await desk.run(["plan", "-f", path])).out).toContain("No changes");
    expect(await desk.run(["apply", "-f", path])).toMatchObject({
      code: 0,
      out: expect.stringContaining("nothing to do"),
    });
  });

  it("count lost routes, and demand --allow-remove before they ask", async () => {
    const path = await desk.file("less.yaml", withoutOffice);

    expect((await desk.run(["plan", "-f", path])).out).toContain("Applying this needs --allow-remove.");
    const { code, err } = await desk.run(["apply", "-f", path, "--yes"]);
    expect(code).toBe(1);
    expect(err).toContain("3 routes are lost; backbone/office would be removed");
    expect((await desk.run(["apply", "-f", path, "--yes", "--allow-remove"])).code).toBe(0);
  });

  it("wait until an active host that goes has handed over", async () => {
    const path = await desk.file("less.yaml", without("a1"));

    const ran = await desk.run(["apply", "-f", path, "--yes"], {
      onSleep: async (times) => {
        if (times === 3) await world.confirm(east);
      },
    });

    expect(ran.code).toBe(0);
    expect(ran.out).toContain("Active hosts that go, and hand over first:\n  backbone/us-east/a1");
    expect(ran.err).toBe("waiting for backbone/us-east/a1: a2 is active, its routes are not verified yet");
    expect((await world.network()).version).toBe(2);
  });

  it("give up after the time they were given, and say how to go on", async () => {
    const path = await desk.file("less.yaml", without("a1"));
    const { code, err } = await desk.run(["apply", "-f", path, "--yes", "--timeout", "10s"]);
    expect(code).toBe(1);
    expect(err).toContain("nothing is applied yet after 10.0 s");
    expect(err).toContain("apply again to go on, or `pointsman undrain`");
    expect((await world.network()).version).toBe(1);
  });

  it("list the mistakes of a file with their lines", async () => {
    const path = await desk.file("bad.yaml", sampleFile.replace("10.1.0.0/16", "10.1.0.1/16"));
    const { code, err } = await desk.run(["plan", "-f", path]);
    expect(code).toBe(1);
    expect(err).toMatch(/line 12: links\.backbone\.locations\.us-west\.networks\[0\]: "10\.1\.0\.1\/16": /);
  });

  it("apply only on top of what was planned", async () => {
    const path = await desk.file("next.yaml", sampleFile.replace("priority: 10", "priority: 11"));
    const { code, err } = await desk.run(["apply", "-f", path], {
      answers: [true],
      onQuestion: async () =>
        void (await world.post("apply", { file: sampleFile.replace("priority: 20", "priority: 21") })),
    });
    expect(code).toBe(1);
    expect(err).toContain("the configuration is at version 2 (operator maria), not 1");
    expect((await world.network()).version).toBe(2);
  });
});

describe("operators' commands", () => {
  it("switch over, with the note on what will undo it", async () => {
    const { code, out } = await desk.run(["switchover", east, "--to", "a2", "--why", "reboot"]);
    expect(code).toBe(0);
    expect(out).toContain(
      "switchover of backbone/us-east to a2: a2 is active now (epoch 2), its routes are being written",
    );
    expect(out).toMatch(/note: .*pointsman pin backbone\/us-east\/a2/);
  });

  it("tell a refusal on standard error, with what to do, or as JSON", async () => {
    const { code, out, err } = await desk.run(["switchover", "backbone/office"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^pointsman: .* static host.*\n {2}what to do: /);
    expect(await json("switchover", "backbone/office")).toMatchObject({
      code: 1,
      data: { error: { code: "host-static", next: expect.any(String) } },
    });
  });

  it("pin and unpin", async () => {
    expect((await desk.run(["pin", `${east}/a2`])).out).toContain("a2 is active now");
    expect(await json("unpin", east)).toMatchObject({ code: 0, data: { active: "a1" } });
  });

  it("drain, and wait with a line of progress until the host is released", async () => {
    const { code, out, err } = await desk.run(["drain", `${east}/a1`, "--why", "reboot"], {
      onSleep: async (times) => {
        if (times === 2) await world.confirm(east);
      },
    });
    expect({ code, out }).toEqual({ code: 0, out: "a1 is released: a2 is active, and its routes are verified" });
    expect(err).toBe("draining backbone/us-east/a1: a2 is active, its routes are not verified yet");

    expect((await desk.run(["undrain", `${east}/a1`])).out).toContain("backbone/us-east/a1 is back in service");
  });

  it("drain without waiting, for a time, or until Ctrl-C", async () => {
    expect(await json("drain", `${east}/a1`, "--no-wait")).toMatchObject({ code: 0, data: { state: "draining" } });
    const late = await desk.run(["drain", `${east}/a1`, "--timeout", "5s"]);
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining("is not released after 5.0 s") });
    const cut = await desk.run(["drain", `${east}/a1`], { answers: [], interruptAt: 2 });
    expect(cut.out).toContain("its routes are not verified yet (1.0 s)");
    expect(cut.out.split("\n").at(-1)).toBe("a2 is active, its routes are not verified yet");
    expect((await desk.run(["drain", `${east}/a1`, "--timeout", "soon"])).code).toBe(2);
  });

  it("pause and resume one link or all", async () => {
    expect((await desk.run(["pause", "backbone"])).out).toContain("paused: backbone; nothing fails over");
    expect((await desk.run(["resume"])).out).toBe("resumed: backbone");
    expect((await desk.run(["pause", "nothing"])).err).toContain("the links are: backbone");
  });

  it("adopt, once that is confirmed", async () => {
    expect((await desk.run(["adopt", east])).code).toBe(2);
    expect(await desk.run(["adopt", east, "--yes"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("no route that"),
    });
  });

  it("rotate the keys of a link and the secret of a host", async () => {
    const { code, out } = await desk.run(["rotate", "host", `${east}/a1`, "--grace", "1h"]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "backbone/us-east/a1 has a new secret (generation 2). The secret before is taken until 2023-11-14 23:14:24Z.",
        "Give the host its new URI: pointsman host uri backbone/us-east/a1",
      ].join("\n"),
    );
    expect((await desk.run(["rotate", "host", `${east}/a1`])).err).toContain("--force");
    expect((await desk.run(["rotate", "host", `${east}/a2`, "--grace", "0s"])).out).toContain("not taken any more");
    expect((await desk.run(["rotate", "link", "backbone", "--yes"])).out).toContain("generation 2");
    expect((await desk.run(["rotate", "host", `${east}/a1`, "--grace", "later"])).code).toBe(2);
  });

  it("print a host's URI and nothing else", async () => {
    const { code, out } = await desk.run(["host", "uri", `${east}/a1`]);
    desk.printed.length = 0;
    expect(code).toBe(0);
    expect(out).toMatch(/^pritunl:\/\/[a-z0-9]{16}:[A-Za-z0-9]{43}@hb\.example\.net,hb2\.example\.net:8443$/);
  });
});

describe("orphans", () => {
  it("are listed with table, destination, whose they were, since when, and what they pointed at", async () => {
    await orphansIn(world, ["10.3.0.0/16"]);
    await orphansIn(world, ["10.4.0.0/16"], { seen: "", locationId: "gone1" });
    await world.clock.advance(30_000);

    const { code, out } = await desk.run(["orphans"]);

    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "TABLE    DESTINATION  WHOSE             SINCE                              POINTED AT",
      "rtb-0a1  10.3.0.0/16  backbone/us-east  2023-11-14 22:14:24Z (30.0 s ago)  eni-0a1",
      "rtb-0a1  10.4.0.0/16  gone1             2023-11-14 22:14:24Z (30.0 s ago)  -",
      "",
      "what to do: remove in the cloud those that are not wanted; then `pointsman orphans --forget` takes them off this list",
    ]);
    expect((await json("orphans", "--table", "rtb-0a1")).data).toMatchObject({ orphans: [{}, {}], more: 0 });
    expect((await json("orphans", "--table", "rtb-other")).data).toMatchObject({ orphans: [] });
  });

  it("are forgotten once that is confirmed, and only those that were listed", async () => {
    await orphansIn(world, ["10.3.0.0/16", "10.4.0.0/16"]);

    expect(await desk.run(["orphans", "--forget"])).toMatchObject({ code: 2, err: expect.stringContaining("--yes") });
    expect((await desk.run(["orphans", "--forget"], { answers: [false] })).code).toBe(1);
    expect((await json("orphans")).data).toMatchObject({ orphans: [{}, {}] });
    const { code, out } = await desk.run(["orphans", "--forget", "--why", "removed by hand"], {
      answers: [true],
      onQuestion: async () => {
        await world.clock.advance(1_000);
        await orphansIn(world, ["10.5.0.0/16"]);
      },
    });

    expect(code).toBe(0);
    expect(out).toContain("rtb-0a1  10.4.0.0/16  backbone/us-east");
    expect(out).toContain("Forget 2 orphans? Pointsman never touches them again; remove the routes in the cloud first");
    expect(out.split("\n").at(-1)).toBe("2 orphans forgotten");
    expect((await json("orphans")).data).toMatchObject({ orphans: [{ destination: "10.5.0.0/16" }] });
    expect((await desk.run(["events"])).out).toContain("in rtb-0a1: removed by hand (operator anna)");
  });

  it("are forgotten with --yes, call by call, however many they are", async () => {
    await orphansIn(
      world,
      Array.from({ length: limits.adminStrays + 2 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`),
    );

    expect((await desk.run(["orphans"])).out).toContain("\n… and 2 more\n");
    const { code, data } = await json("orphans", "--forget", "--yes");

    expect(code).toBe(0);
    expect((data as { forgotten: object[] }).forgotten).toHaveLength(limits.adminStrays + 2);
    expect(data).toMatchObject({ changed: [], left: 0 });
  });

  it("that are taken back meanwhile are named, and the command ends with 1", async () => {
    await orphansIn(world, ["10.3.0.0/16"]);
    const remove = vi.spyOn(world.store, "removeLedger").mockResolvedValue({ kind: "lost" });

    const { code, out } = await desk.run(["orphans", "--forget", "--yes"]);

    remove.mockRestore();
    expect(code).toBe(1);
    expect(out).toContain("0 orphans forgotten\nkept: 10.3.0.0/16 in rtb-0a1 has just changed: look again");
  });

  it("that are none are no failure; --yes without --forget is", async () => {
    expect(await desk.run(["orphans", "--forget", "--yes"])).toMatchObject({ code: 0, out: "no orphans" });
    expect((await json("orphans", "--forget", "--yes")).data).toEqual({ forgotten: [], changed: [], left: 0 });
    expect(await desk.run(["orphans"])).toMatchObject({ code: 0, out: "no orphans" });
    expect((await desk.run(["orphans", "--yes"])).code).toBe(2);
    expect(await desk.run(["orphans", "--link", "nothing"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("the links are: backbone"),
    });
  });
});

describe("events", () => {
  it("are lines with time, kind and who did it", async () => {
    await desk.run(["pause", "--why", "maintenance"]);
    const { out } = await desk.run(["events", "--since", "7d"]);
    const lines = out.split("\n");
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toMatch(
      /^2023-11-14T22:14:24\.000Z {2}operator +pause of backbone: maintenance \(operator anna\)$/,
    );
    expect((await json("events")).data).toMatchObject({ events: [{}, {}, {}, { kind: "operator" }] });
  });

  it("since a time that nothing happened in say so, and a time that is none is refused", async () => {
    await world.clock.advance(7_200_000);
    expect((await desk.run(["events"])).out).toBe("nothing happened in this time");
    expect((await desk.run(["events", "--since", "2023-11-14T22:13:00Z"])).out.split("\n")).toHaveLength(3);
    expect((await desk.run(["events", "--since", "yesterday"])).code).toBe(2);
  });

  it("with --follow come one a line, each once, late ones too, until Ctrl-C", async () => {
    const { link } = await world.place("backbone/us-east/a1");
    const event = { kind: "operator", severity: "info", linkId: link.id, by: "sweep" } as const;
    const { code, out } = await desk.run(["events", "--follow", "--json", "--since", "1s"], {
      interruptAt: 6,
      onSleep: async (times) => {
        const nowMs = world.clock.nowMs();
        if (times === 1) await world.store.tell({ ...event, atMs: nowMs, message: "first" });
        if (times === 3) await world.store.tell({ ...event, atMs: nowMs - 2_500, message: "late" });
        if (times === 4) await world.store.tell({ ...event, atMs: nowMs, message: "last" });
      },
    });
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => JSON.parse(line).message)).toEqual(["first", "late", "last"]);
  });
});

import * as z from "zod/mini";
import { CloudSection } from "./clouds/section.ts";
import { defaults } from "./defaults.ts";
import { entriesOf, entryOf } from "./raw.ts";
import { HostSection, LinkSection, LocationSection } from "./schema.ts";
import type { Path } from "./wording.ts";

/**
 * What of a network file can be understood although parts of it are wrong, so that mistakes of meaning are found
 * together with mistakes of form. A part that is wrong is absent here.
 */
export type LinkView = {
  readonly name: string;
  readonly path: Path;
  readonly fields: Sound<typeof LinkSection>;
  readonly given: ReadonlySet<string>;
  readonly hostCheck: boolean;
  readonly protocol: "ipsec" | "wg";
  readonly ipv6: boolean;
  /** Undefined when it is no map. */
  readonly locations: readonly LocationView[] | undefined;
};

export type LocationView = {
  readonly name: string;
  readonly path: Path;
  readonly fields: Sound<typeof LocationSection>;
  readonly given: ReadonlySet<string>;
  /** How many networks are listed, right or wrong. */
  readonly networkCount: number | undefined;
  /** The networks that are networks, and where they stand; undefined when it is no list. */
  readonly networks: readonly { readonly cidr: string; readonly path: Path }[] | undefined;
  readonly cloud: CloudSection | undefined;
  /** Undefined when it is no map. */
  readonly hosts: readonly HostView[] | undefined;
};

export type HostView = {
  readonly name: string;
  readonly path: Path;
  readonly fields: Sound<typeof HostSection>;
  readonly given: ReadonlySet<string>;
  readonly isStatic: boolean;
};

type Sound<S> = S extends z.ZodMiniObject<infer Shape> ? { readonly [K in keyof Shape]?: z.output<Shape[K]> } : never;

/** The links of a file's data; undefined when `links` is no map. */
export function viewLinks(data: unknown): readonly LinkView[] | undefined {
  return entriesOf(entryOf(data, "links"))?.map(([name, raw]) => viewLink(name, raw));
}

function viewLink(name: string, raw: unknown): LinkView {
  const path = ["links", name];
  const fields = soundFields(LinkSection, raw, ["locations"]);
  return {
    name,
    path,
    fields,
    given: new Set(entriesOf(raw)?.map(([key]) => key)),
    hostCheck: fields.hostCheck ?? defaults.link.hostCheck,
    protocol: fields.protocol ?? defaults.link.protocol,
    ipv6: fields.ipv6 ?? defaults.link.ipv6,
    locations: entriesOf(entryOf(raw, "locations"))?.map(([key, value]) =>
      viewLocation(key, value, [...path, "locations", key]),
    ),
  };
}

function viewLocation(name: string, raw: unknown, path: Path): LocationView {
  const networks = entryOf(raw, "networks");
  const cloud = CloudSection.safeParse(entryOf(raw, "cloud"));
  return {
    name,
    path,
    fields: soundFields(LocationSection, raw, ["hosts", "networks", "cloud"]),
    given: new Set(entriesOf(raw)?.map(([key]) => key)),
    networkCount: Array.isArray(networks) ? networks.length : undefined,
    networks: Array.isArray(networks)
      ? networks.flatMap((cidr: unknown, place) =>
          LocationSection.shape.networks.def.element.safeParse(cidr).success
            ? [{ cidr: String(cidr), path: [...path, "networks", place] }]
            : [],
        )
      : undefined,
    cloud: cloud.success ? cloud.data : undefined,
    hosts: entriesOf(entryOf(raw, "hosts"))?.map(([key, value]) => viewHost(key, value, [...path, "hosts", key])),
  };
}

function viewHost(name: string, raw: unknown, path: Path): HostView {
  const fields = soundFields(HostSection, raw, []);
  return {
    name,
    path,
    fields,
    given: new Set(entriesOf(raw)?.map(([key]) => key)),
    isStatic: fields.static ?? defaults.host.static,
  };
}

function soundFields<S extends z.ZodMiniObject>(section: S, raw: unknown, except: readonly string[]): Sound<S> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of entriesOf(raw) ?? []) {
    if (except.includes(key) || !Object.hasOwn(section.shape, key)) continue;
    const field = section.shape[key];
    const result = field === undefined ? undefined : z.safeParse(field, value);
    if (result?.success) fields[key] = result.data;
  }
  return fields as Sound<S>;
}

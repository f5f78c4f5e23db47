/**
 * What a configuration says, read back by parsers that share nothing with the code that writes it: one entry for each
 * host that the device may talk to.
 */
export type Tunnel = {
  readonly remote: string;
  readonly localId: string;
  readonly remoteId: string;
  readonly key: string;
  readonly ike: string;
  readonly esp: string;
  /** `LOCAL REMOTE`, sorted: the pairs of one family that the device's selectors span. */
  readonly pairs: readonly string[];
};

type Tree = Map<string, Tree | string[]>;

/** Tunnels of a swanctl.conf. */
export function readSwanctl(text: string): readonly Tunnel[] {
  const root = sections(text);
  const secrets = [...tree(root, "secrets").values()].map((one) => asTree(one));
  return [...tree(root, "connections").values()].map((one) => {
    const connection = asTree(one);
    const remoteId = value(tree(connection, "remote"), "id");
    const [child] = [...tree(connection, "children").values()].map((found) => asTree(found));
    if (child === undefined) throw new Error("a connection without a child");
    const localId = value(tree(connection, "local"), "id");
    const isOf = (secret: Tree) => {
      const ids = [...secret].flatMap(([name, id]) => (name.startsWith("id-") && Array.isArray(id) ? id : []));
      return ids.includes(localId) && ids.includes(remoteId);
    };
    const found = secrets.filter(isOf);
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} secrets for ${remoteId}`);
    return {
      remote: value(connection, "remote_addrs"),
      localId,
      remoteId,
      key: value(found[0], "secret"),
      ike: optional(connection, "proposals"),
      esp: optional(child, "esp_proposals"),
      pairs: span(words(value(child, "local_ts")), words(value(child, "remote_ts"))),
    };
  });
}

/** Tunnels of an ipsec.conf, with the keys of the lines that are meant for ipsec.secrets. */
export function readIpsecConf(text: string): readonly Tunnel[] {
  const secrets = new Map<string, string>();
  for (const [, me, other, key] of text.matchAll(/^#> (\S+) (\S+) : PSK "([^"]*)"$/gm)) {
    secrets.set(`${me} ${other}`, key ?? "");
  }
  return text
    .split(/^conn \S+$/m)
    .slice(1)
    .map((body) => {
      const settings = new Map(
        [...body.matchAll(/^ {4}(\w+)=(.*)$/gm)].map(([, name = "", found = ""]) => [name, found]),
      );
      const setting = (name: string) => settings.get(name) ?? "";
      return {
        remote: setting("right"),
        localId: setting("leftid"),
        remoteId: setting("rightid"),
        key: secrets.get(`${setting("leftid")} ${setting("rightid")}`) ?? "none",
        ike: setting("ike"),
        esp: setting("esp"),
        pairs: span(words(setting("leftsubnet")), words(setting("rightsubnet"))),
      };
    });
}

/** Tunnels of `set` commands of EdgeOS. */
export function readEdgerouter(text: string): readonly Tunnel[] {
  const ipsec = commands(text);
  return [...tree(ipsec, "site-to-site", "peer")].map(([remote, found]) => {
    const peer = asTree(found);
    const tunnels = [...tree(peer, "tunnel").values()].map((one) => asTree(one));
    const [first] = tunnels;
    if (first === undefined) throw new Error("a peer without a tunnel");
    return {
      remote,
      localId: value(tree(peer, "authentication"), "id"),
      remoteId: value(tree(peer, "authentication"), "remote-id"),
      key: value(tree(peer, "authentication"), "pre-shared-secret"),
      ike: proposalOf(tree(ipsec, "ike-group", value(peer, "ike-group"))),
      esp: proposalOf(tree(ipsec, "esp-group", value(first, "esp-group"))),
      pairs: tunnels
        .map((tunnel) => `${value(tree(tunnel, "local"), "prefix")} ${value(tree(tunnel, "remote"), "prefix")}`)
        .sort(),
    };
  });
}

/** Tunnels of `set` commands of VyOS. */
export function readVyos(text: string): readonly Tunnel[] {
  const ipsec = commands(text);
  const secrets = [...tree(ipsec, "authentication", "psk").values()].map((one) => asTree(one));
  return [...tree(ipsec, "site-to-site", "peer").values()].map((found) => {
    const peer = asTree(found);
    const remoteId = value(tree(peer, "authentication"), "remote-id");
    const localId = value(tree(peer, "authentication"), "local-id");
    const ofPeer = secrets.filter((one) => values(one, "id").includes(remoteId) && values(one, "id").includes(localId));
    if (ofPeer.length !== 1 || ofPeer[0] === undefined) throw new Error(`${ofPeer.length} secrets for ${remoteId}`);
    const tunnel = tree(peer, "tunnel", "1");
    return {
      remote: value(peer, "remote-address"),
      localId,
      remoteId,
      key: value(ofPeer[0], "secret"),
      ike: proposalOf(tree(ipsec, "ike-group", value(peer, "ike-group"))),
      esp: proposalOf(tree(ipsec, "esp-group", value(peer, "default-esp-group"))),
      pairs: span(values(tree(tunnel, "local"), "prefix"), values(tree(tunnel, "remote"), "prefix")),
    };
  });
}

/** Tunnels of an ipsec section of pfSense's config.xml. */
export function readPfsense(text: string): readonly Tunnel[] {
  const root = elements(text).get("ipsec")?.[0];
  if (root === undefined) throw new Error("no ipsec");
  return (root.children.get("phase1") ?? []).map((first) => {
    const ikeId = inner(first, "ikeid");
    const seconds = (root.children.get("phase2") ?? []).filter((second) => inner(second, "ikeid") === ikeId);
    const [second] = seconds;
    if (second === undefined) throw new Error("a phase 1 without phase 2");
    const net = (one: Element, side: string) => `${inner(one, side, "address")}/${inner(one, side, "netbits")}`;
    const item = ["encryption", "item"] as const;
    const ike = ["name", "keylen"].map((part) => inner(first, ...item, "encryption-algorithm", part)).join("/");
    const esp = ["name", "keylen"].map((part) => inner(second, "encryption-algorithm-option", part)).join("/");
    return {
      remote: inner(first, "remote-gateway"),
      localId: inner(first, "myid_data"),
      remoteId: inner(first, "peerid_data"),
      key: inner(first, "pre-shared-key"),
      ike: `${ike} ${inner(first, ...item, "hash-algorithm")} ${inner(first, ...item, "dhgroup")}`,
      esp: `${esp} ${inner(second, "hash-algorithm-option")} ${inner(second, "pfsgroup")}`,
      pairs: seconds.map((one) => `${net(one, "localid")} ${net(one, "remoteid")}`).sort(),
    };
  });
}

function span(local: readonly string[], remote: readonly string[]): readonly string[] {
  const isIpv6 = (text: string) => text.includes(":");
  return local
    .flatMap((left) => remote.filter((right) => isIpv6(right) === isIpv6(left)).map((right) => `${left} ${right}`))
    .sort();
}

function words(text: string): readonly string[] {
  return text.split(",").map((word) => word.trim());
}

/** Sections in braces and `name = value` lines of a file in the style of strongswan.conf. */
function sections(text: string): Tree {
  const root: Tree = new Map();
  const open = [root];
  for (const line of text.split("\n").map((one) => one.trim())) {
    const here = open.at(-1);
    if (here === undefined) throw new Error("too many closing braces");
    if (line === "" || line.startsWith("#")) continue;
    if (line === "}") open.pop();
    else if (line.endsWith(" {")) {
      const name = line.slice(0, -2);
      if (!/^[A-Za-z0-9_-]+$/.test(name) || here.has(name)) throw new Error(`bad section ${name}`);
      const section: Tree = new Map();
      here.set(name, section);
      open.push(section);
    } else {
      const [, name = "", found = ""] = /^([a-z0-9_-]+) = (.+)$/.exec(line) ?? [];
      if (name === "") throw new Error(`not understood: ${line}`);
      here.set(name, [found.replace(/^"(.*)"$/, "$1")]);
    }
  }
  if (open.length !== 1) throw new Error("a section is not closed");
  return root;
}

const valueless = new Set(["disable-mobike"]);

/** `set vpn ipsec …` commands as a tree; the last word of a line is a value, but for those that take none. */
function commands(text: string): Tree {
  const root: Tree = new Map();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const parts = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    if (parts.slice(0, 3).join(" ") !== "set vpn ipsec") throw new Error(`not a command: ${line}`);
    if (valueless.has(parts.at(-1) ?? "")) parts.push("");
    let here = root;
    for (const part of parts.slice(3, -2)) {
      const next = here.get(part) ?? new Map();
      if (Array.isArray(next)) throw new Error(`${part} is a value and a node`);
      here.set(part, next);
      here = next;
    }
    const [name = "", found = ""] = parts.slice(-2);
    const prior = here.get(name) ?? [];
    if (!Array.isArray(prior)) throw new Error(`${name} is a value and a node`);
    here.set(name, [...prior, found]);
  }
  return root;
}

function proposalOf(group: Tree): string {
  const proposal = tree(group, "proposal", "1");
  const parts = ["encryption", "hash", "dh-group"].map((name) => optional(proposal, name));
  return [...parts, optional(group, "pfs")].filter((part) => part !== "").join(" ");
}

function tree(from: Tree, ...path: readonly string[]): Tree {
  return path.reduce((here, name) => asTree(here.get(name)), from);
}

function asTree(found: Tree | string[] | undefined): Tree {
  if (found === undefined || Array.isArray(found)) throw new Error("no such section");
  return found;
}

function values(from: Tree, name: string): readonly string[] {
  const found = from.get(name) ?? [];
  return Array.isArray(found) ? found : [];
}

function optional(from: Tree, name: string): string {
  return values(from, name).join(" ");
}

function value(from: Tree, name: string): string {
  const found = values(from, name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} values of ${name}`);
  return found[0];
}

type Element = { readonly children: Map<string, Element[]>; text: string };

function elements(xml: string): Map<string, Element[]> {
  const comments = [...xml.matchAll(/<!--([\s\S]*?)-->/g)];
  if (comments.some(([, body = ""]) => body.includes("--"))) throw new Error("two dashes in a comment");
  const plain = xml.replace(/^<\?xml version="1\.0"\?>/, "").replace(/<!--[\s\S]*?-->/g, "");
  const root: Element = { children: new Map(), text: "" };
  const open: [string, Element][] = [["", root]];
  for (const [, slash, name = "", text = ""] of plain.matchAll(/<(\/?)([a-z][\w-]*)>([^<]*)/g)) {
    const [openName, here] = open.at(-1) ?? ["", root];
    if (slash === "/") {
      if (openName !== name) throw new Error(`</${name}> closes <${openName}>`);
      open.pop();
      continue;
    }
    const element: Element = { children: new Map(), text: unescaped(text) };
    here.children.set(name, [...(here.children.get(name) ?? []), element]);
    open.push([name, element]);
  }
  if (open.length !== 1) throw new Error("an element is not closed");
  return root.children;
}

function inner(element: Element, ...path: readonly string[]): string {
  let here = element;
  for (const name of path) {
    const found = here.children.get(name) ?? [];
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${name}`);
    here = found[0];
  }
  return here.text;
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

import { isIP } from "node:net";
import { wrongOption } from "./error.ts";
import type { CertificateFiles } from "./http/certificate-files.ts";
import { serveLimits } from "./limits.ts";

/** What the command line says, each option checked by itself. */
export type ServeOptions = {
  readonly data?: string;
  readonly table?: string;
  readonly databaseUrl?: string;
  readonly region?: string;
  readonly stage?: string;
  readonly secrets?: string;
  readonly host?: string;
  readonly port?: number;
  readonly http?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly endpoint?: readonly string[];
  /** ms */
  readonly drain?: number;
};

export type DatabaseSettings =
  | { readonly kind: "embedded" }
  /** `isAws`: an address of DynamoDB itself, such as a private one: entered with the default credentials, never given a table. */
  | {
      readonly kind: "url";
      readonly url: string;
      readonly table: string;
      readonly region: string;
      readonly isAws: boolean;
    }
  | { readonly kind: "aws"; readonly table: string; readonly region: string };

/** Where master key and admin token come from. Only an embedded database's are made: instances beside each other share theirs. */
type KeySettings =
  | { readonly kind: "stage"; readonly stage: string; readonly region: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "data" };

type TlsSettings =
  | { readonly kind: "none" }
  | { readonly kind: "self-signed" }
  | ({ readonly kind: "files" } & CertificateFiles);

/** What a server runs with. */
export type Settings = {
  readonly dataPath: string | undefined;
  readonly database: DatabaseSettings;
  readonly keys: KeySettings;
  /** Folder of the secrets of clouds; undefined for AWS Secrets Manager. */
  readonly secretsPath: string | undefined;
  /** AWS region of secrets and of web identities. */
  readonly region: string | undefined;
  readonly tls: TlsSettings;
  readonly host: string | undefined;
  readonly port: number;
  /** As they stand in a host's URI; empty for this machine's name. */
  readonly endpoints: readonly string[];
  readonly drainMs: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_TABLE = "pointsman";
const HTTPS_PORT = 8443;
const HTTP_PORT = 8080;

/** Decides what a command line means. Throws `ServeError` for options that do not go together or are missing. */
export function settle(options: ServeOptions, env: Environment): Settings {
  const region = options.region ?? nonEmpty(env["AWS_REGION"]) ?? nonEmpty(env["AWS_DEFAULT_REGION"]);
  const database = databaseOf(options, region);
  const tls = tlsOf(options);
  return {
    dataPath: options.data,
    database,
    keys: keysOf(options, database, region),
    secretsPath: options.secrets,
    region,
    tls,
    host: hostOf(options),
    port: options.port ?? (tls.kind === "none" ? HTTP_PORT : HTTPS_PORT),
    endpoints: endpointsOf(options, env),
    drainMs: options.drain ?? 0,
  };
}

function databaseOf(options: ServeOptions, region: string | undefined): DatabaseSettings {
  const { data, table, databaseUrl } = options;
  if (databaseUrl !== undefined) {
    const isAws = /\.amazonaws\.com(?:\.cn)?$/.test(new URL(databaseUrl).hostname);
    if (isAws) requireRegion(region, `--database-url ${databaseUrl}`);
    return {
      kind: "url",
      url: databaseUrl,
      table: table ?? DEFAULT_TABLE,
      region: region ?? "us-east-1",
      isAws,
    };
  }
  if (table !== undefined) return { kind: "aws", table, region: requireRegion(region, `--table ${table}`) };
  if (data !== undefined) return { kind: "embedded" };
  throw wrongOption(
    "no database is named",
    "give --data DIR for one that is kept in a folder (a single server), --table NAME for DynamoDB, or --database-url URL",
  );
}

function keysOf(options: ServeOptions, database: DatabaseSettings, region: string | undefined): KeySettings {
  const { stage, secrets } = options;
  if (stage !== undefined) return { kind: "stage", stage, region: requireRegion(region, `--stage ${stage}`) };
  if (database.kind === "embedded") return { kind: "data" };
  if (secrets !== undefined) return { kind: "folder", path: secrets };
  throw wrongOption(
    "no place of the master key is named",
    "give --stage STAGE for parameters of AWS Systems Manager, or --secrets DIR for files; all instances share them",
  );
}

function tlsOf({ http = false, tlsCert, tlsKey, data }: ServeOptions): TlsSettings {
  if (http) {
    const given = tlsCert === undefined ? (tlsKey === undefined ? undefined : "--tls-key") : "--tls-cert";
    if (given !== undefined) throw wrongOption(`--http and ${given} do not go together`, "leave one of them out");
    return { kind: "none" };
  }
  if (tlsCert !== undefined && tlsKey !== undefined) return { kind: "files", certPath: tlsCert, keyPath: tlsKey };
  if (tlsCert !== undefined || tlsKey !== undefined) {
    const [given, missing] = tlsKey === undefined ? ["--tls-cert", "--tls-key"] : ["--tls-key", "--tls-cert"];
    throw wrongOption(`${given} is given without ${missing}`, "give both, or neither for a self-signed certificate");
  }
  if (data !== undefined) return { kind: "self-signed" };
  throw wrongOption(
    "no certificate is given, and there is no folder to keep a self-signed one in",
    "give --tls-cert and --tls-key, or --data DIR for a self-signed one, or --http behind a proxy on this machine",
  );
}

function hostOf({ http = false, host }: ServeOptions): string | undefined {
  if (!http) return host;
  if (host === undefined) return "127.0.0.1";
  if (host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))) return host;
  throw wrongOption(
    `--http with --host ${host} would send admin tokens in the clear`,
    "leave --host out for a proxy on this machine, or leave --http out: a load balancer elsewhere takes a self-signed certificate",
  );
}

function endpointsOf({ endpoint }: ServeOptions, env: Environment): readonly string[] {
  const named = endpoint ?? (env["POINTSMAN_ENDPOINTS"] ?? "").split(",").map((one) => one.trim());
  const endpoints = named.filter((one) => one !== "");
  const wrong = endpoints.find((one) => !isEndpoint(one));
  if (wrong !== undefined)
    throw wrongOption(`${wrong} is not an endpoint`, "write host or host:port, such as pm.example.com");
  if (endpoints.length > serveLimits.endpoints) {
    throw wrongOption(`${endpoints.length} endpoints are too many`, `give at most ${serveLimits.endpoints}`);
  }
  return endpoints;
}

/** `host`, `host:port`, `[v6]` or `[v6]:port`. */
export function isEndpoint(text: string): boolean {
  const [, v6, name, port] = /^(?:\[([\da-fA-F:.]+)\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (v6 === undefined ? name === undefined : isIP(v6) !== 6) return false;
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** The host of an endpoint, without port and brackets. */
export function endpointHost(endpoint: string): string {
  return endpoint.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function requireRegion(region: string | undefined, forWhat: string): string {
  if (region !== undefined) return region;
  throw wrongOption(`${forWhat} needs an AWS region`, "give --region, such as eu-central-1, or set AWS_REGION");
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

import { createRequire } from "node:module";

/** A message or enumeration as protobuf's JSON descriptors have it. */
type Field = { readonly type: string; readonly rule?: string; readonly keyType?: string };
type Node = {
  readonly fields?: Readonly<Record<string, Field>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly nested?: Readonly<Record<string, Node>>;
  readonly methods?: Readonly<
    Record<string, { readonly requestType: string; readonly responseType: string; readonly options: Http }>
  >;
};
type Http = {
  readonly "(google.api.http).get"?: string;
  readonly "(google.api.http).post"?: string;
  readonly "(google.api.http).delete"?: string;
  readonly "(google.api.http).body"?: string;
};

export type RpcMethod = {
  readonly verb: string;
  readonly path: string;
  readonly request: string;
  readonly response: string;
  /** The field of the request that is its body, in snake case. */
  readonly body: string | undefined;
};

const v1 = compute();

function compute(): Readonly<Record<string, Node>> {
  const file = createRequire(import.meta.url)("@google-cloud/compute/build/protos/protos.json") as Node;
  let node: Node | undefined = file;
  for (const part of ["google", "cloud", "compute", "v1"]) node = node?.nested?.[part];
  if (node?.nested === undefined) throw new Error("the descriptors hold no google.cloud.compute.v1");
  return node.nested;
}

/** A method of a service, such as `Routes` and `Insert`, with where Google serves it. */
export function rpcMethod(service: string, name: string): RpcMethod {
  const method = v1[service]?.methods?.[name];
  if (method === undefined) throw new Error(`no method ${service}.${name}`);
  const { options, requestType: request, responseType: response } = method;
  const { "(google.api.http).get": get, "(google.api.http).post": post, "(google.api.http).delete": remove } = options;
  const verb = get === undefined ? (post === undefined ? "DELETE" : "POST") : "GET";
  return { verb, path: get ?? post ?? remove ?? "", request, response, body: options["(google.api.http).body"] };
}

/** The names of a message's fields, as JSON has them. */
export function fieldsOf(message: string): readonly string[] {
  return Object.keys(v1[message]?.fields ?? {});
}

/** Everything in a JSON value that a message does not know: fields, enumerated values, kinds of values. */
export function strangeIn(value: unknown, message: string, at = message): readonly string[] {
  const node = v1[message];
  if (node?.fields === undefined) return [`${at}: no message ${message}`];
  if (!isRecord(value)) return [`${at}: no object`];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = node.fields?.[name];
    const here = `${at}.${name}`;
    if (field === undefined) return [`${here}: no such field`];
    const values = node.nested?.[name.charAt(0).toUpperCase() + name.slice(1)]?.values;
    if (field.rule === "repeated") {
      if (!Array.isArray(inner)) return [`${here}: no list`];
      return inner.flatMap((entry, index) => strangeField(entry, field, node, values, `${here}[${index}]`));
    }
    if (field.keyType === undefined) return strangeField(inner, field, node, values, here);
    if (!isRecord(inner)) return [`${here}: no map`];
    return Object.entries(inner).flatMap(([key, entry]) => strangeField(entry, field, node, values, `${here}[${key}]`));
  });
}

type Values = Readonly<Record<string, number>> | undefined;

function strangeField(value: unknown, { type }: Field, within: Node, values: Values, at: string): readonly string[] {
  const enumerated = within.nested?.[type]?.values ?? values;
  if (type === "string" && values !== undefined) return strangeValue(value, values, at);
  if (enumerated !== undefined && type !== "string") return strangeValue(value, enumerated, at);
  switch (type) {
    case "string":
      return typeof value === "string" ? [] : [`${at}: no text`];
    case "bool":
      return typeof value === "boolean" ? [] : [`${at}: no truth value`];
    case "int32":
    case "uint32":
      return typeof value === "number" && Number.isInteger(value) ? [] : [`${at}: no whole number`];
    case "double":
      return typeof value === "number" ? [] : [`${at}: no number`];
    case "int64":
    case "uint64":
      return typeof value === "string" && /^\d+$/.test(value) ? [] : [`${at}: no whole number as text`];
    default:
      return strangeIn(value, type, at);
  }
}

function strangeValue(value: unknown, values: Readonly<Record<string, number>>, at: string): readonly string[] {
  return typeof value === "string" && value in values ? [] : [`${at}: no value ${String(value)}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { readFileSync } from "node:fs";
import { Ajv, type SchemaObject, type ValidateFunction } from "ajv";

type Operation = {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly body?: SchemaObject;
  readonly status: number;
  readonly answer: SchemaObject;
};

/**
 * What Hetzner's own OpenAPI description says of the operations that we use, taken from a package of the npm registry:
 * `openapi.json` names it. No package is depended on, since that one holds 400 MB of other descriptions.
 */
const { operations } = JSON.parse(readFileSync(new URL("openapi.json", import.meta.url), "utf8")) as {
  readonly operations: Readonly<Record<string, Operation>>;
};

export const describedOperations: readonly string[] = Object.keys(operations);

const ajv = new Ajv({ allErrors: true });
const compiled = new Map<object, ValidateFunction>();

/** What is wrong with a request or an answer by the description: fields that it does not know are wrong too. */
export function mistakesIn(exchange: {
  readonly operation: string;
  readonly query: URLSearchParams;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}): readonly string[] {
  const { operation, query, body, status, answer } = exchange;
  const described = operations[operation];
  if (described === undefined) return [`${operation} is not described`];
  const isList = described.answer["properties"]?.meta !== undefined;
  // Paging is described for all lists at once, in the introduction.
  const known = [...described.parameters.map(({ name }) => name), ...(isList ? ["page", "per_page"] : [])];
  const mistakes = [...query.keys()].filter((name) => !known.includes(name)).map((name) => `no parameter ${name}`);
  if (described.body !== undefined) mistakes.push(...violations(described.body, body, "body"));
  if (status >= 400) return mistakes;
  if (status !== described.status) mistakes.push(`status ${status}, not ${described.status}`);
  return [...mistakes, ...violations(described.answer, answer, "answer")].map((mistake) => `${operation}: ${mistake}`);
}

/** The fields that the body of an operation must have. */
export function requiredFields(operation: string): readonly string[] {
  return operations[operation]?.body?.["required"] ?? [];
}

function violations(schema: SchemaObject, value: unknown, what: string): readonly string[] {
  const validate = compiled.get(schema) ?? ajv.compile(strict(schema));
  compiled.set(schema, validate);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The same schema without room for fields that it does not name. */
function strict(schema: SchemaObject): SchemaObject {
  const { properties, items, nullable, enum: values, ...rest } = schema;
  return {
    ...rest,
    ...(nullable === true && { nullable: true }),
    ...(values !== undefined && { enum: nullable === true ? [...values, null] : values }),
    ...(items !== undefined && { items: strict(items) }),
    ...(properties !== undefined && {
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries<SchemaObject>(properties).map(([name, property]) => [name, strict(property)]),
      ),
    }),
  };
}

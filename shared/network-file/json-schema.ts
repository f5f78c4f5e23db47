import * as z from "zod/mini";
import { reference } from "./reference/reference.ts";
import { NetworkFile } from "./schema.ts";

/**
 * The JSON Schema (draft 2020-12) of a network file, for editors: shapes of the schema, with the descriptions,
 * defaults and examples of `reference`. Of what fields mean together it says little: `parseNetworkFile` knows it.
 */
export function networkFileJsonSchema(): z.core.JSONSchema.BaseSchema {
  const metadata = annotations();
  return z.toJSONSchema<typeof NetworkFile>(NetworkFile, { io: "input", target: "draft-2020-12", metadata });
}

type Annotation = Record<string, unknown>;

/** What JSON Schema says of a field beside its shape, by the schema of the field. */
function annotations(): z.core.$ZodRegistry<Annotation> {
  const registry = z.registry<Annotation>();
  for (const { schema, notes, rules } of reference) {
    registry.add(schema, { ...rules });
    for (const [field, note] of Object.entries(notes)) {
      const part = schema.shape[field];
      if (part === undefined) continue;
      registry.add(part, {
        description: `${note.description} Allowed: ${note.bound}.`,
        ...(note.default === undefined ? {} : { default: note.default }),
        examples: [...note.examples],
        ...note.keywords,
      });
    }
  }
  return registry.add(NetworkFile, {
    title: "Pointsman network file",
    description: "Links, their locations and their hosts. Applied with `pointsman apply -f FILE`.",
  });
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall as convert } from "@aws-sdk/util-dynamodb";

export { marshall } from "@aws-sdk/util-dynamodb";

const converted = new WeakMap<object, Record<string, unknown>>();

/**
 * Stands in for the SDK's converter while a simulator is bundled: an item of the model's table never changes and is
 * read a hundred times, so it is converted once. What is read is shared, and nobody may change it.
 */
export function unmarshall(item: Record<string, AttributeValue>): Record<string, unknown> {
  const known = converted.get(item);
  if (known !== undefined) return known;
  const plain: Record<string, unknown> = convert(item);
  converted.set(item, plain);
  return plain;
}

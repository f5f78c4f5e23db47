import type { Json } from "./show.ts";

/**
 * What `projects.testIamPermissions` of the Resource Manager answers: those of the permissions asked for that nobody
 * took away. Undefined when something else was asked.
 */
export function testPermissions(
  method: string,
  path: string,
  body: string,
  denied: readonly string[],
): Json | undefined {
  if (method !== "POST" || !/^\/v1\/projects\/[^/]+:testIamPermissions$/.test(path)) return undefined;
  const read: unknown = JSON.parse(body);
  const asked = typeof read === "object" && read !== null && "permissions" in read ? read.permissions : [];
  const permissions = (Array.isArray(asked) ? asked : []).map(String).filter((one) => !denied.includes(one));
  return permissions.length === 0 ? {} : { permissions };
}

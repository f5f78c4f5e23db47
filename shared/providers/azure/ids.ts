/** Where a resource stands; every part in lower case, as Azure compares without regard to case. */
export type Place = { readonly subscription: string; readonly resourceGroup: string; readonly name: string };

type Kind = "routetables" | "networkinterfaces" | "virtualnetworks" | "networksecuritygroups";

const form =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.network\/(routetables|networkinterfaces|virtualnetworks|networksecuritygroups)\/([^/]+)(\/.*)?$/;

/** The parts of the resource id of a table, an interface or a network, or of something in it; undefined when it is none. */
export function placeOf(id: string, kind: Kind): Place | undefined {
  const [, subscription, resourceGroup, found, name] = form.exec(id.toLowerCase()) ?? [];
  if (subscription === undefined || resourceGroup === undefined || name === undefined || found !== kind)
    return undefined;
  return { subscription, resourceGroup, name };
}

/** The resource id in lower case. */
export function idOf(kind: Kind, { subscription, resourceGroup, name }: Place): string {
  return `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.network/${kind}/${name}`.toLowerCase();
}

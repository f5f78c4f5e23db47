/** A network interface as it stands in a cloud, attached to its machine. */
export type Interface = {
  readonly id: string;
  readonly vpc: string;
  readonly address: string;
  /** The value of its tag `pointsman:host`; undefined without one. */
  readonly tag: string | undefined;
};

/** A cloud from inside: what really stands in it, past its API. Everything takes effect at once. */
export type Inside = {
  /** A table of a network; it begins with the network's own route. */
  addTable(id: string, vpc: string, network: string): void;
  /** Puts an interface there, or changes one that is there; it is attached then. */
  putInterface(one: Interface): void;
  removeInterface(id: string): void;
  detachInterface(id: string): void;
  put(table: string, destination: string, target: string, isStatic: boolean): void;
  remove(table: string, destination: string): void;
  target(table: string, destination: string): string | undefined;
  routes(table: string): readonly { readonly destination: string; readonly target: string }[];
};

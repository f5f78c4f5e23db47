export declare function bundleOf(what: {
  readonly entry: string;
  readonly external: readonly string[];
}): Promise<{ readonly files: ReadonlyMap<string, Buffer>; readonly sources: readonly string[] }>;

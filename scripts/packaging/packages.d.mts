export type Platform = "azure" | "gcp";

export type Package = {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly sources: readonly string[];
  readonly zip: Buffer;
};

export declare const platformNames: readonly Platform[];

export declare function packageOf(platform: Platform | `${Platform}-executor`): Promise<Package>;

export declare function writePackage(
  platform: Platform | `${Platform}-executor`,
  out?: string,
): Promise<{
  readonly folder: string;
  readonly archive: string;
  readonly fileCount: number;
  readonly bytes: number;
  readonly archiveBytes: number;
  readonly sha256: string;
}>;

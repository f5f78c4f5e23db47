export declare function zipOf(files: ReadonlyMap<string, Buffer>): Buffer;

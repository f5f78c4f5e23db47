import Module from "node:module";

/** What the Functions host knows of a function from its registration. */
type Binding = { readonly type: string; readonly direction: string; readonly [key: string]: unknown };
type Metadata = { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> };
type Callback = (...inputs: unknown[]) => unknown;

/** What goes over the wire between the host and its worker, as far as it is used. */
export type RpcData = {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: RpcHttp;
};
export type RpcHttp = {
  readonly statusCode?: string;
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly nullableHeaders?: Readonly<Record<string, { readonly value: string }>>;
  readonly nullableQuery?: Readonly<Record<string, { readonly value: string }>>;
  readonly body?: RpcData;
};

type InvocationModel = {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ readonly returnValue?: RpcData | null }>;
};
type ProgrammingModel = { getInvocationModel(context: unknown): InvocationModel };

/** A Functions host without its web server, queues and clock: it keeps what is registered and invokes it as the worker does. */
export type AzureHost = {
  trigger(name: string): Binding;
  readonly names: readonly string[];
  /** Invokes a function. Throws what it throws, or what the programming model does on the way. */
  invoke(name: string, data: RpcData, metadata?: Readonly<Record<string, RpcData>>): Promise<RpcData | undefined>;
};

/**
 * Puts a host's part in place of the module `@azure/functions-core`, which the real host alone provides. To be called before
 * `@azure/functions` is first imported.
 */
export function startAzureHost(): AzureHost {
  const functions = new Map<string, { readonly metadata: Metadata; readonly callback: Callback }>();
  let model: ProgrammingModel | undefined;
  let invocations = 0;
  provideModule("@azure/functions-core", {
    version: "3.13.0",
    hostVersion: "4.1044.400.0",
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given;
    },
    registerFunction: (metadata: Metadata, callback: Callback) => {
      if (functions.has(metadata.name)) throw new Error(`function ${metadata.name} is registered twice`);
      functions.set(metadata.name, { metadata, callback });
      return { dispose: () => functions.delete(metadata.name) };
    },
    registerHook: () => ({ dispose: () => undefined }),
    log: () => undefined,
  });
  const found = (name: string) => {
    const one = functions.get(name);
    if (one === undefined || model === undefined) throw new Error(`no function ${name}`);
    const [input, trigger] =
      Object.entries(one.metadata.bindings).find(([, { direction }]) => direction === "in") ?? [];
    if (input === undefined || trigger === undefined) throw new Error(`function ${name} has no trigger`);
    return { ...one, model, input, trigger };
  };
  return {
    get names() {
      return [...functions.keys()];
    },
    trigger: (name) => found(name).trigger,
    async invoke(name, data, triggerMetadata = {}) {
      const { metadata, callback, input, model: current } = found(name);
      const invocation = current.getInvocationModel({
        invocationId: `invocation-${++invocations}`,
        metadata,
        request: { inputData: [{ name: input, data }], triggerMetadata },
        state: undefined,
        log: () => undefined,
      });
      const { context, inputs } = await invocation.getArguments();
      const result = await invocation.invokeFunction(context, inputs, callback);
      return (await invocation.getResponse(context, result)).returnValue ?? undefined;
    },
  };
}

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;

/** Node has no public way to give a module that is not on disk to `require` before version 22. */
function provideModule(name: string, exported: object): void {
  const load = Reflect.get(Module, "_load") as Load;
  const provided: Load = function (request, ...rest) {
    return request === name ? exported : Reflect.apply(load, this, [request, ...rest]);
  };
  Reflect.set(Module, "_load", provided);
}

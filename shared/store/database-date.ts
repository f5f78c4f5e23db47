type Handler = (args: unknown) => Promise<unknown>;

/** What this file needs of an SDK command: its middleware stack. */
type Command = {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler) => Handler,
      options: { readonly step: "deserialize"; readonly priority: "low"; readonly name: string },
    ): void;
  };
};

/**
 * Watches the answer to a command for its `Date` header: the database's own clock. Call the result after the command
 * was sent: milliseconds since 1970, floored to a second, or undefined when there was no such header.
 */
export function watchDate(command: object): () => number | undefined {
  let dateMs: number | undefined;
  const { middlewareStack } = command as Command;
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      dateMs = readDate(result);
      return result;
    },
    { step: "deserialize", priority: "low", name: "watchDate" },
  );
  return () => dateMs;
}

function readDate(result: unknown): number | undefined {
  const response = (result as { readonly response?: { readonly headers?: Readonly<Record<string, string>> } }).response;
  const parsed = Date.parse(response?.headers?.["date"] ?? "");
  return Number.isNaN(parsed) ? undefined : parsed;
}

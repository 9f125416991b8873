// A library that exports clients; its declarations are written by each compiler.
import { createClient, Prisma, PrismaClient, type PgPool } from "@org/schema-client";

export const db = createClient();
export const logged = createClient({ prisma: { log: [{ emit: "event", level: "query" }] } });
export const omitting = createClient({ prisma: { omit: { thing: { raw: true } } } });
export const extended = createClient().$extends({
  model: { label: { named: async (name: string) => name.length } },
  result: { label: { shout: { needs: { name: true }, compute: (label) => label.name.toUpperCase() } } },
  query: { label: { findMany: ({ args, query }) => query(args) } },
});
export const extension = Prisma.defineExtension({ client: { hello: () => "hello" } });
export const twice = extended.$extends(extension);
export const things = () => db.thing.findMany({ include: { details: true, parent: { select: { id: true } } } });
export const shouts = async () => (await extended.label.findFirstOrThrow({ select: { shout: true } })).shout;
export const inTransaction = <T,>(run: (inside: Parameters<Parameters<typeof db.$transaction>[0]>[0]) => Promise<T>) =>
  db.$transaction(run);
export const connected = (pool: PgPool) => createClient({ pool });
export class Repository {
  constructor(readonly client = new PrismaClient({} as Prisma.PrismaClientOptions)) {}
  all = () => this.client.label.findMany({ select: { name: true } });
  sum = () => this.client.thing.aggregate({ _sum: { price: true, id: true }, _count: true });
}

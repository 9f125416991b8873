// What is bundled, and then run from a folder that has nothing else.
import { createClient, Prisma, SCHEMA_VERSION, State } from "@org/schema-client";

const client = createClient(process.env.DATABASE_URL);

export async function use() {
  const name = `label ${Math.random()}`;
  const { id } = await client.label.create({ data: { name } });
  const [{ at, text }] = await client.$queryRaw`SELECT '2026-07-01 12:00:00.5+00'::timestamptz AS at, current_setting('TimeZone') AS text`;
  const deleted = await client.$transaction((inside) => inside.label.delete({ where: { id } }));
  const [none] = await client.$transaction([client.thing.count({ where: { state: State.OLD } })]);
  const unknown = await client.label.delete({ where: { id } }).catch((error) => error);
  if (!(unknown instanceof Prisma.PrismaClientKnownRequestError)) throw unknown;
  return { version: SCHEMA_VERSION, isSame: deleted.name === name, at: at.toISOString(), text, none, code: unknown.code };
}

export const close = () => client.$disconnect();

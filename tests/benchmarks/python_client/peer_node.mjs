// Prisma's own client for Node, from our npm package. It reads one line of JSON for each batch of an operation
// and answers with how long the batch took: `{"operation", "first", "times", "tasks"}` to `{"seconds"}`.
import { createInterface } from "node:readline";
import { createClient } from "@org/schema-client";

const USERS = 1000;
const prisma = createClient(process.env.DATABASE_URL);

const userId = (number) => ((number * 37) % USERS) + 1;
const firstUserId = (number) => ((number * 37) % (USERS - 51)) + 1;
const post = (number) => ({
  title: `Title ${number}`,
  slug: `title-${number}`,
  body: "text ".repeat(20),
  published: number % 2 === 0,
  views: number % 1000,
  rating: 4.5,
  author_id: USERS,
});
const update = (client, number) =>
  client.user.update({ where: { id: userId(number) }, data: { name: `Name ${number}` } });

const operations = {
  "find_unique": (n) => prisma.user.findUnique({ where: { id: userId(n) } }),
  "find_many 100": (n) =>
    prisma.post.findMany({
      where: { published: true, views: { lt: 500 + (n % 400) } },
      orderBy: { id: "desc" },
      take: 100,
    }),
  "include 50 × 10": (n) =>
    prisma.user.findMany({
      where: { id: { gte: firstUserId(n) } },
      orderBy: { id: "asc" },
      take: 50,
      include: { posts: true },
    }),
  "create": (n) => prisma.post.create({ data: post(n) }),
  "create_many 1000": (n) =>
    prisma.post.createMany({ data: Array.from({ length: 1000 }, (_, offset) => post(n + offset)) }),
  "update": (n) => update(prisma, n),
  "tx of 3": (n) =>
    prisma.$transaction(async (tx) => {
      await tx.post.create({ data: post(n) });
      await update(tx, n);
      return tx.user.findUnique({ where: { id: userId(n) } });
    }),
};

operations["create_many 1000, objects"] = operations["create_many 1000"];

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, first, times, tasks } = JSON.parse(line);
  let next = first;
  const work = async () => {
    while (next < first + times) await operations[operation](next++);
  };
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: tasks }, work));
  console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - began) / 1e9 }));
}
await prisma.$disconnect();

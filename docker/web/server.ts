// The web back end: a page of products and their reviews, and the same as JSON. Settings: DATABASE_URL, HOST, PORT
// (or the first argument).
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { createClient, SCHEMA_VERSION } from "@org/schema-client";
import { toJson } from "@org/schema-types/json";

import { page } from "./page.ts";

const PRODUCTS = 50;
const REVIEWS_A_PRODUCT = 20;

const db = createClient();

type Answer = { status?: number; type: string; body: string | Buffer };

// The front end's modules, straight from the package that it is pinned to.
const TYPES = new URL(".", import.meta.resolve("@org/schema-types/json"));
const MODULE = /^\/schema-types\/([a-z]+\.mjs)$/;

async function answer(path: string): Promise<Answer> {
  if (path === "/") return { type: "text/html; charset=utf-8", body: page(await products(), SCHEMA_VERSION) };
  if (path === "/api/products") {
    const rows = (await products()).map((product) => toJson("Product", product));
    return json({ schema: SCHEMA_VERSION, products: rows });
  }
  if (path === "/live.mjs") return script(new URL("live.mjs", import.meta.url));
  const name = MODULE.exec(path)?.[1];
  if (name !== undefined) return script(new URL(name, TYPES));
  if (path === "/healthz") return health();
  return { ...json({ error: "no such page" }), status: 404 };
}

function products() {
  return db.product.findMany({
    take: PRODUCTS,
    orderBy: { sku: "asc" },
    include: {
      prices: { orderBy: { validFrom: "desc" }, take: 1 },
      reviews: { orderBy: { id: "asc" }, take: REVIEWS_A_PRODUCT, include: { source: true } },
    },
  });
}

/** Ready once the tables of the schema that this client was made from can be read. */
async function health(): Promise<Answer> {
  await db.review.findFirst({ select: { id: true, rating: true } });
  return json({ ok: true, schema: SCHEMA_VERSION });
}

function json(value: unknown): Answer {
  return { type: "application/json", body: JSON.stringify(value) };
}

async function script(file: URL): Promise<Answer> {
  return { type: "text/javascript; charset=utf-8", body: await readFile(fileURLToPath(file)) };
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const path = (request.url ?? "/").replace(/[?#].*$/s, "");
  const { status = 200, type, body } = await answer(path);
  response.writeHead(status, { "content-type": type, "content-security-policy": "default-src 'self'" }).end(body);
}

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    if (!response.headersSent) response.writeHead(503, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: "the database can't be read" }));
  });
});

server.listen(Number(process.argv[2] ?? process.env.PORT ?? 8080), process.env.HOST ?? "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ event: "listening", port, schema: SCHEMA_VERSION }));
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close(() => void db.$disconnect());
    server.closeAllConnections();
  });
}

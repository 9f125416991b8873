// Whether each of the connection strings of URLS leads to a server, and over TLS: `node tls.mjs`. With MESSAGES it says
// why not.
import { createClient } from "@org/schema-client";

const found = [];
for (const url of JSON.parse(process.env.URLS)) {
  try {
    const client = createClient(url);
    const query = client.$queryRaw`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;
    found.push((await query.finally(() => client.$disconnect()))[0].ssl);
  } catch (error) {
    found.push(process.env.MESSAGES ? error.message : null);
  }
}
console.log(JSON.stringify(found));

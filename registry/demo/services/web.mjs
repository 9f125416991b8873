// A web back end pinned to @org/schema-client 2.0.0: it reads what the Python services wrote.
import { createClient, SCHEMA_VERSION } from '@org/schema-client'

const db = createClient(process.env.DATABASE_URL)
const reviews = await db.review.findMany({ orderBy: { id: 'asc' }, include: { product: true } })
const names = new Set(reviews.map((review) => review.product.name))
console.log(`schema ${SCHEMA_VERSION}: ${reviews.length} reviews of ${[...names].join(', ')}`)
const rows = reviews.map((r) => [String(r.id), r.rating, Buffer.from(r.fingerprint).toString('hex')])
console.log(JSON.stringify(rows))
await db.$disconnect()

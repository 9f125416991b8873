// The library's user, who has its declarations only.
import { db, extended, inTransaction, omitting, Repository, shouts, things, twice } from "./library.mjs";

const id: bigint = (await things())[0]!.id;
const parent: bigint | undefined = (await things())[0]!.parent?.id;
const shout: string = await shouts();
const length: number = await extended.label.named("x");
const hello: string = twice.hello();
const name: string = (await new Repository().all())[0]!.name;
const sum: bigint | null = (await new Repository().sum())._sum.id;
const found = await inTransaction((inside) => inside.label.findFirstOrThrow());
const foundName: string = found.name;
// @ts-expect-error omitted by the library's client
(await omitting.thing.findFirstOrThrow()).raw;
// @ts-expect-error no such model
db.nothing;
// @ts-expect-error no such field
(await things())[0]!.nope;
void [id, parent, shout, length, hello, name, sum, foundName];

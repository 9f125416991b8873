import { use } from "../entry.mjs";

export const dynamic = "force-dynamic";

export default async function Page() {
  return <p>{JSON.stringify(await use())}</p>;
}

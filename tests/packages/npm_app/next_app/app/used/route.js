import { use } from "../../entry.mjs";

export const dynamic = "force-dynamic";
export const GET = async () => Response.json(await use());

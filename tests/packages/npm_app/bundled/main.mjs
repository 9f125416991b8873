import { close, use } from "./entry.mjs";

use()
  .then((found) => console.log(JSON.stringify(found)))
  .finally(close);

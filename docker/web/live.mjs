// In the browser: reads the rows as JSON and makes dates, big numbers and bytes of them again.
import { fromJson } from "/schema-types/json.mjs";

const answer = await fetch("/api/products");
const { products } = await answer.json();
const rows = products.map((product) => fromJson("Product", product));
const newest = Math.max(...rows.flatMap(({ reviews }) => reviews.map(({ publishedAt }) => publishedAt.getTime())));
document.getElementById("live").textContent = Number.isFinite(newest)
  ? `newest review of ${new Date(newest).toLocaleDateString()}`
  : "no reviews yet";

// The page, as text. Everything that comes from a row is escaped.
import type { ProductWithRelations, ReviewWithRelations } from "@org/schema-types";

import { badge } from "./badge.ts";

type Row = Pick<ProductWithRelations, "sku" | "name"> & {
  prices: { amount: { toString(): string }; currency: string }[];
  reviews: Pick<ReviewWithRelations, "rating" | "status" | "title" | "body">[];
};

export function page(products: Row[], version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Reviews</title>
<h1>Reviews</h1>
${products.map(section).join("\n") || "<p>No products yet.</p>"}
<footer>schema ${escaped(version)}, <span id="live">as the page was made</span></footer>
<script type="module" src="/live.mjs"></script>
</html>
`;
}

function section({ sku, name, prices, reviews }: Row): string {
  const price = prices.map(({ amount, currency }) => ` · ${amount} ${currency}`).join("");
  return `<section><h2>${escaped(name)}</h2>
<p>${escaped(sku + price)}</p>
<ul>${reviews.map((review) => `<li>${escaped(`${badge(review)} ${review.title ?? ""}`)}: ${escaped(review.body)}</li>`).join("\n")}</ul>
</section>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

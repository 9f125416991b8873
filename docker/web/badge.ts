// What a review shows, with the types package alone: the compiler knows every field, and no client is loaded.
import { ReviewStatus } from "@org/schema-types/enums";
import type { Review } from "@org/schema-types";

export function badge(review: Pick<Review, "rating" | "status">): string {
  const stars = "★".repeat(review.rating) + "☆".repeat(5 - review.rating);
  return review.status === ReviewStatus.PUBLISHED ? stars : `${stars} (not published yet)`;
}

// @ts-expect-error 2.0.0 renamed `stars` to `rating`: code that was not changed does not compile
export const oldCode = (review: Review) => review.stars;

// A front end pinned to @org/schema-types 2.0.0: the compiler knows every field, at no run-time cost.
import { ReviewStatus, type Review } from '@org/schema-types'

export function badge(review: Review): string {
  const stars = '★'.repeat(review.rating)
  return review.status === ReviewStatus.PUBLISHED ? stars : `${stars} (not published yet)`
}

// @ts-expect-error 2.0.0 renamed `stars` to `rating`: code that was not migrated does not compile
export const oldCode = (review: Review) => review.stars

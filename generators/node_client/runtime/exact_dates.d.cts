/**
 * A Date of a text in ISO 8601, such as `2026-07-01T12:00:00.123456Z`, that keeps its microseconds: they are stored, and
 * compared with, where the client is given the Date (a list as `{ set: [...] }`). Other code sees its milliseconds.
 *
 * @throws RangeError if it is no such text
 */
export declare function exactDate(text: string): Date;

/**
 * The Date in ISO 8601 with all that was read from the database: `2026-07-01T12:00:00.123456Z`, or with three digits
 * where the microseconds are zero. A copy that other code has made (`new Date(date)`) has milliseconds only.
 */
export declare function exactText(date: Date): string;

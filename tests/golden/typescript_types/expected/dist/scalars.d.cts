/** The bytes of a `Bytes` field: a `Uint8Array`, and since TypeScript 5.7 a `Uint8Array<ArrayBuffer>`. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** A decimal number as its digits, e.g. `"19.90"`: a JavaScript number would round it. */
export type DecimalString = string;

/** A moment in JSON: ISO 8601, e.g. `"2026-01-31T12:00:00.000Z"`. */
export type DateTimeString = string;

/** A 64-bit integer in JSON: its digits, e.g. `"9007199254740993"`. */
export type BigIntString = string;

/** Bytes in JSON: base64 (RFC 4648), e.g. `"aGk="`. */
export type Base64String = string;

/** Any value that JSON can hold: the type of a `Json` field. */
export type JsonValue = string | number | boolean | null | JsonObject | JsonArray;

/** What a `Json` field can be set to: any JSON but a bare `null`. Leave the field out where it is to have no value. */
export type JsonInput = string | number | boolean | JsonObject | JsonArray;

/** An object in JSON. */
export type JsonObject = { [key in string]?: JsonValue };

/** An array in JSON. */
export interface JsonArray extends ReadonlyArray<JsonValue> {}

import type { DecimalFields, ModelName, Models, ModelsWithRelations, ModelsWithRelationsJson } from "./fields.cjs";
import type { JsonValue } from "./scalars.cjs";

/** A decimal object as the Node client returns it (Prisma's `Decimal`, decimal.js). */
export interface DecimalLike {
  readonly d: readonly number[];
  readonly e: number;
  readonly s: number;
  toFixed(): string;
}

type OrDecimal<T> = T extends string
  ? T | DecimalLike
  : T extends readonly (infer Item)[]
    ? readonly OrDecimal<Item>[]
    : T;

/** What {@link toJson} takes: any part of a row, also straight from the Node client, with `Decimal` objects. */
export type Encodable<M extends ModelName> = {
  readonly [F in keyof Models[M]]?: F extends DecimalFields[M] ? OrDecimal<Models[M][F]> : Models[M][F];
};

/** The JSON form of a value: dates, bigints, decimals and bytes are strings. */
export type JsonForm<T> = [T] extends [JsonValue | undefined]
  ? T
  : T extends Date | bigint | Uint8Array | DecimalLike
    ? string
    : T extends readonly (infer Item)[]
      ? JsonForm<Item>[]
      : T extends object
        ? { [F in keyof T]: JsonForm<T[F]> }
        : T;

/** The row, or the part of a row, that a JSON value `T` of the model `M` stands for. */
export type FromJson<M extends ModelName, T> = 0 extends 1 & T
  ? ModelsWithRelations[M]
  : {
      [F in keyof T]: F extends keyof ModelsWithRelations[M] ? Exclude<ModelsWithRelations[M][F], undefined> : T[F];
    };

/**
 * The JSON form of a row, or of a part of one, with whichever relations it includes: dates become ISO 8601,
 * bigints and decimals digits, bytes base64. Fields that the model does not have are passed on as they are.
 *
 * @param model - the name of the model
 * @param value - a row or a part of one; it is not changed
 * @throws TypeError naming the field whose value is not of its type
 */
export declare function toJson<M extends ModelName, T extends Encodable<M>>(model: M, value: T): JsonForm<T>;

/**
 * The row that its JSON form stands for: the reverse of {@link toJson}.
 *
 * @param model - the name of the model
 * @param value - parsed JSON; it is not changed
 * @throws TypeError naming the field whose value is not of its type
 */
export declare function fromJson<M extends ModelName, T extends Partial<ModelsWithRelationsJson[M]>>(
  model: M,
  value: T,
): FromJson<M, T>;

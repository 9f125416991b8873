import type { ModelName, Models, ModelsJson, ModelsWithRelations, ModelsWithRelationsJson } from "./fields.cjs";
import type { Encodable, FromJson, JsonForm } from "./json.cjs";

/** What is wrong with a value: a message for whoever entered it, and where; an empty path is the value itself. */
export interface Issue {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

/** What a validator says: the value, or what is wrong with it. */
export type Result<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** A JSON Schema. */
export type JsonSchema = Record<string, unknown>;

/**
 * Checks values, and converts them where they come as JSON. It is a Standard Schema (https://standardschema.dev): form
 * and router libraries take it as it is. Fields that the model does not have are left out of what it returns.
 */
export interface Validator<Input, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly validate: (value: unknown) => Result<Output>;
    /** JSON Schema in `draft-2020-12` or `draft-07`; throws TypeError where a form has values that JSON has no type for. */
    readonly jsonSchema: {
      readonly input: (options: { readonly target: string }) => JsonSchema;
      readonly output: (options: { readonly target: string }) => JsonSchema;
    };
  };
  /**
   * The value, checked.
   *
   * @throws TypeError with all `issues`
   */
  parse(value: unknown): Output;
  /** A validator of these fields only. */
  pick<F extends keyof Input & keyof Output & string>(...names: F[]): Validator<Pick<Input, F>, Pick<Output, F>>;
  /** A validator of all other fields. */
  omit<F extends keyof Input & keyof Output & string>(...names: F[]): Validator<Omit<Input, F>, Omit<Output, F>>;
}

/**
 * A model that is only read: its rows. `Own` and `Full` are its row without and with all relations; they are parameters,
 * because a compiler works out `Models[M]` for all models at once.
 */
export interface RowSchema<
  M extends ModelName,
  Row = Models[M],
  RowJson = ModelsJson[M],
  Own = Models[M],
  Full = ModelsWithRelations[M],
> {
  readonly name: M;
  /** A row with `Date`, `bigint` and bytes. */
  readonly row: Validator<Row>;
  /** The same forms as JSON carries them; what they return is not JSON but rows and inputs. */
  readonly json: RowInJson<RowJson, Row>;
  /** The JSON form of a row or a part of one; throws TypeError with the field whose value is not of its type. */
  toJson<T extends Encodable<M>>(row: T): JsonForm<T>;
  /** The row that a JSON form stands for: the reverse of `toJson`. */
  fromJson<T extends Partial<ModelsWithRelationsJson[M]>>(value: T): FromJson<M, T>;
  /** The same model with rows of relations: `UserSchema.with({ posts: PostSchema })`. */
  with<R extends { readonly [F in Exclude<keyof Full, keyof Own>]?: AnyRows }>(
    relations: R,
  ): RowSchema<
    M,
    Row & { [F in keyof R]?: Related<Full, F, Rows<R[F]>> },
    RowJson & { [F in keyof R]?: Related<Full, F, RowsJson<R[F]>> },
    Own,
    Full
  >;
}

/** A model whose rows can be changed. */
export interface UpdateSchema<M extends ModelName, Update> extends RowSchema<M> {
  /** Changes to a row; `null` clears a field. */
  readonly update: Validator<Update>;
  readonly json: UpdateInJson<ModelsJson[M], Models[M], Update>;
  /**
   * `data` with `replacement` for each `null` of a Json field: the Node client has a value of its own for no JSON.
   *
   * `prisma.user.update({ where, data: UserSchema.replaceJsonNulls(changes, Prisma.DbNull) })`
   */
  replaceJsonNulls<T extends object, N>(
    data: T,
    replacement: N,
  ): { [F in keyof T]: Replaced<T[F], F, JsonField<Models[M]>, N> };
}

/** A model whose rows can be created, too. */
export interface CreateSchema<M extends ModelName, Create, Update> extends UpdateSchema<M, Update> {
  /** Data for a new row; what the database fills in may be left out. */
  readonly create: Validator<Create>;
  readonly json: CreateInJson<ModelsJson[M], Models[M], Create, Update>;
}

// Interfaces, and each with what it adds: a compiler compares them by name.
export interface RowInJson<RowJson, Row> {
  readonly row: Validator<RowJson, Row>;
}
export interface UpdateInJson<RowJson, Row, Update> extends RowInJson<RowJson, Row> {
  readonly update: Validator<JsonForm<Update>, Update>;
}
export interface CreateInJson<RowJson, Row, Create, Update> extends UpdateInJson<RowJson, Row, Update> {
  readonly create: Validator<JsonForm<Create>, Create>;
}
type Replaced<Value, F, Json, N> = F extends Json ? Exclude<Value, null> | (null extends Value ? N : never) : Value;
type JsonField<Row> = { [F in keyof Row]: {} extends Row[F] ? F : never }[keyof Row];
type AnyRows = { readonly row: Validator<any>; readonly json: { readonly row: Validator<any> } };
type Rows<S> = S extends { readonly row: Validator<any, infer Row> } ? Row : never;
type RowsJson<S> = S extends { readonly json: { readonly row: Validator<infer RowJson, any> } } ? RowJson : never;
type Related<Full, F, Row> = F extends keyof Full
  ? NonNullable<Full[F]> extends readonly unknown[]
    ? Row[]
    : Row | Extract<Full[F], null>
  : never;

import type { JsonValue } from "./scalars.cjs";

/** What is known of a model: labels and descriptions come from the schema's comments. */
export interface ModelDescription {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  /** Whether it is a view: read, never written. */
  readonly isView?: true;
  /** The fields of the primary key. */
  readonly key?: readonly string[];
  /** Each set of fields that only one row can have the same values of. */
  readonly uniques: readonly (readonly string[])[];
  readonly fields: { readonly [name: string]: FieldDescription };
  readonly relations: { readonly [name: string]: RelationDescription };
}

/** What is known of one model, with its own fields and relations. */
export interface Described<Name extends string, Fields, Relations extends string>
  extends Omit<ModelDescription, "fields" | "relations"> {
  readonly name: Name;
  readonly fields: { readonly [F in keyof Fields]: Fields[F] };
  readonly relations: { readonly [F in Relations]: RelationDescription };
}

/** Rows of another model. `fields` are this model's that hold the key, `references` the other's. */
export interface RelationDescription {
  readonly label: string;
  readonly description?: string;
  readonly model: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly fields?: readonly string[];
  readonly references?: readonly string[];
}

interface Common {
  readonly label: string;
  readonly description?: string;
  /** Whether a new row needs a value from whoever creates it. */
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  readonly isList: boolean;
  /** Whether the field alone is the primary key, or unique. */
  readonly isId?: true;
  readonly isUnique?: true;
  readonly isDeprecated?: true;
  /** The value of a new row that has none, in its JSON form. */
  readonly default?: JsonValue;
  /** How the database or the client makes the value of a row that has none: `now`, `uuid`, `autoincrement`, ... */
  readonly generated?: string;
  /** The model and the field that the value refers to. */
  readonly references?: { readonly model: string; readonly field: string };
}

export interface TextField extends Common {
  readonly kind: "text";
  /** In characters. */
  readonly maxLength?: number;
}

export interface UuidField extends Common {
  readonly kind: "uuid";
}

export interface BitsField extends Common {
  readonly kind: "bits";
  readonly maxLength?: number;
  /** Whether it has exactly `maxLength` bits. */
  readonly isExact?: true;
}

export interface BooleanField extends Common {
  readonly kind: "boolean";
}

export interface IntegerField extends Common {
  readonly kind: "integer";
  readonly minimum: number;
  readonly maximum: number;
}

export interface BigIntField extends Common {
  readonly kind: "bigint";
  readonly minimum: string;
  readonly maximum: string;
}

export interface FloatField extends Common {
  readonly kind: "float";
  /** The largest value, and the smallest with a minus. */
  readonly maximum: number;
}

export interface DecimalField extends Common {
  readonly kind: "decimal";
  /** Digits in all, and digits after the point. */
  readonly precision: number;
  readonly scale: number;
}

export interface DateTimeField extends Common {
  readonly kind: "datetime";
  /** What the database keeps. */
  readonly part: "datetime" | "date" | "time";
  /** Digits of a second's fraction that it keeps. */
  readonly digits: number;
}

export interface BytesField extends Common {
  readonly kind: "bytes";
}

export interface JsonField extends Common {
  readonly kind: "json";
}

export interface EnumField<Value extends string = string> extends Common {
  readonly kind: "enum";
  readonly values: readonly EnumValue<Value>[];
}

/** A value of an enum and what to show for it. */
export interface EnumValue<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  readonly description?: string;
  readonly isDeprecated?: true;
}

export type FieldDescription =
  | TextField
  | UuidField
  | BitsField
  | BooleanField
  | IntegerField
  | BigIntField
  | FloatField
  | DecimalField
  | DateTimeField
  | BytesField
  | JsonField
  | EnumField;

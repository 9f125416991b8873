import type { OrderState } from "./enums.cjs";
import type { Base64String, BigIntString, Bytes, DateTimeString, DecimalString, JsonValue } from "./scalars.cjs";

/**
 * What a customer asked for.
 * \{\@link Nothing\} and *\/ stay text.
 */
export interface Order {
  id: bigint;
  state: OrderState;
  /** In the customer's currency. */
  total: DecimalString;
  note: string | null;
  extra: JsonValue | null;
  placed: Date;
  receipt: Bytes | null;
  tags: string[];
}

/** As JSON carries it. */
export interface OrderJson {
  id: BigIntString;
  state: OrderState;
  /** In the customer's currency. */
  total: DecimalString;
  note: string | null;
  extra: JsonValue | null;
  placed: DateTimeString;
  receipt: Base64String | null;
  tags: string[];
}

/** With whichever relations were read too. */
export interface OrderWithRelations extends Order {
  lines?: OrderLineWithRelations[];
}

/** As JSON carries it. */
export interface OrderWithRelationsJson extends OrderJson {
  lines?: OrderLineWithRelationsJson[];
}

export interface OrderLine {
  orderId: bigint;
  position: number;
  sku: string;
  /** @deprecated see `sku` */
  name: string;
}

/** As JSON carries it. */
export interface OrderLineJson {
  orderId: BigIntString;
  position: number;
  sku: string;
  /** @deprecated see `sku` */
  name: string;
}

/** With whichever relations were read too. */
export interface OrderLineWithRelations extends OrderLine {
  order?: OrderWithRelations;
}

/** As JSON carries it. */
export interface OrderLineWithRelationsJson extends OrderLineJson {
  order?: OrderWithRelationsJson;
}

/** Not a number of ours: types made from Order step aside. */
export interface OrderKey {
  id: number;
}

/** As JSON carries it. */
export interface OrderKeyJson {
  id: number;
}

/** With whichever relations were read too. */
export interface OrderKeyWithRelations extends OrderKey {}

/** As JSON carries it. */
export interface OrderKeyWithRelationsJson extends OrderKeyJson {}

/** The name of a model. */
export type ModelName = keyof Models;

/** Each model's row. */
export interface Models {
  Order: Order;
  OrderLine: OrderLine;
  OrderKey: OrderKey;
}

/** Each model's row as JSON carries it. */
export interface ModelsJson {
  Order: OrderJson;
  OrderLine: OrderLineJson;
  OrderKey: OrderKeyJson;
}

/** Each model's row with whichever of its relations were read too. */
export interface ModelsWithRelations {
  Order: OrderWithRelations;
  OrderLine: OrderLineWithRelations;
  OrderKey: OrderKeyWithRelations;
}

/** The same as JSON carries it. */
export interface ModelsWithRelationsJson {
  Order: OrderWithRelationsJson;
  OrderLine: OrderLineWithRelationsJson;
  OrderKey: OrderKeyWithRelationsJson;
}

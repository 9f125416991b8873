import type { OrderState } from "./enums.cjs";
import type { Bytes, DecimalString, JsonInput } from "./scalars.cjs";

/** Data for a new row: what may be left out is filled in, or left empty. `$Null` is the value for a Json field to have none: `null` in JSON, `Prisma.DbNull` in the Node client. */
export interface OrderCreate<$Null = never> {
  id?: bigint;
  state?: OrderState;
  /** In the customer's currency. */
  total: DecimalString;
  note?: string | null;
  extra?: JsonInput | $Null;
  placed?: Date;
  receipt?: Bytes | null;
  tags?: string[];
}

/** Changes to a row: what is left out stays as it is. `$Null` is the value for a Json field to have none: `null` in JSON, `Prisma.DbNull` in the Node client. */
export interface OrderUpdate<$Null = never> extends Partial<OrderCreate<$Null>> {}

/** Each way to address one row; `findUnique` of the Node client takes it as `where`. */
export type OrderKey_ = { id: bigint };

/** Data for a new row: what may be left out is filled in, or left empty. */
export interface OrderLineCreate {
  orderId: bigint;
  position: number;
  sku: string;
  /** @deprecated see `sku` */
  name?: string;
}

/** Changes to a row: what is left out stays as it is. */
export interface OrderLineUpdate extends Partial<OrderLineCreate> {}

/** Each way to address one row; `findUnique` of the Node client takes it as `where`. */
export type OrderLineKey = { orderId_position: { orderId: bigint; position: number } } | { article: { orderId: bigint; sku: string } };

/** Changes to a row: what is left out stays as it is. */
export interface OrderKeyUpdate {
  id?: number;
}

/** Each way to address one row; `findUnique` of the Node client takes it as `where`. */
export type OrderKeyKey = { id: number };

/** Data for a new row of each model. */
export interface ModelsCreate {
  Order: OrderCreate;
  OrderLine: OrderLineCreate;
}

/** Changes to a row of each model. */
export interface ModelsUpdate {
  Order: OrderUpdate;
  OrderLine: OrderLineUpdate;
  OrderKey: OrderKeyUpdate;
}

/** Each way to address one row of each model. */
export interface ModelsKey {
  Order: OrderKey_;
  OrderLine: OrderLineKey;
  OrderKey: OrderKeyKey;
}

import type * as $from from "./description.cjs";
import type * as $enums from "./enums.cjs";

export type {
  BigIntField,
  BitsField,
  BooleanField,
  BytesField,
  DateTimeField,
  DecimalField,
  Described,
  EnumField,
  EnumValue,
  FieldDescription,
  FloatField,
  IntegerField,
  JsonField,
  ModelDescription,
  RelationDescription,
  TextField,
  UuidField,
} from "./description.cjs";

/**
 * What a customer asked for.
 * \{\@link Nothing\} and *\/ stay text.
 */
export declare const OrderMeta: $from.Described<
  "Order",
  {
    id: $from.BigIntField;
    state: $from.EnumField<$enums.OrderState>;
    total: $from.DecimalField;
    note: $from.TextField;
    extra: $from.JsonField;
    placed: $from.DateTimeField;
    receipt: $from.BytesField;
    tags: $from.TextField;
  },
"lines"
>;

export declare const OrderLineMeta: $from.Described<
  "OrderLine",
  {
    orderId: $from.BigIntField;
    position: $from.IntegerField;
    sku: $from.TextField;
    name: $from.TextField;
  },
"order"
>;

/** Not a number of ours: types made from Order step aside. */
export declare const OrderKeyMeta: $from.Described<
  "OrderKey",
  {
    id: $from.IntegerField;
  },
never
>;

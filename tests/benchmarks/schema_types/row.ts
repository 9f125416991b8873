// The row that typia compiles a validator for.
import typia, { type tags } from "typia";

interface Row {
  id: bigint;
  name: string & tags.MaxLength<255>;
  email: string & tags.MaxLength<255>;
  age: number & tags.Type<"int32">;
  active: boolean;
  made: Date;
  changed: Date;
  kind: "OLD" | "NEW";
  note: string | null;
  score: number;
}

export const validate = typia.createValidate<Row>();

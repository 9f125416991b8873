/** How far an order has come. */
export declare const OrderState: {
  readonly OPEN: "OPEN";
  /** Handed to the carrier. */
  readonly SENT: "SENT";
};
/** How far an order has come. */
export type OrderState = "OPEN" | "SENT";

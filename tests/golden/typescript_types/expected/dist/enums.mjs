export const OrderState = /*#__PURE__*/ Object.freeze({
  OPEN: "OPEN",
  SENT: "SENT",
});

"use strict";
const OrderState = exports.OrderState = /*#__PURE__*/ Object.freeze({
  OPEN: "OPEN",
  SENT: "SENT",
});

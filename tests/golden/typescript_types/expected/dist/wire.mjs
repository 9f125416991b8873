// The bounds of the numbers that Postgres' types can hold, by the letter of the type in a model's text.
export const INTEGERS = {
  h: [-32768, 32767],
  i: [-2147483648, 2147483647],
  o: [0, 4294967295],
  n: ["-9223372036854775808", "9223372036854775807"],
};
export const FLOATS = {
  r: 3.4028235e+38,
  f: 1.7976931348623157e+308,
};

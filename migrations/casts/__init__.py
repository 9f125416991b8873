"""Which changes of a column's type keep its values: by the types, and by the values themselves."""

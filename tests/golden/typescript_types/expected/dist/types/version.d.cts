/** The version of the schema that this package was made from. */
export declare const SCHEMA_VERSION: "1.2.0-rc.1";

/** The sha256 (hex) of that schema: equal in every package made from it. */
export declare const SCHEMA_DIGEST: "993bb397c1f1566d0d5c3509cc044bf57f3b58c83111a09bedbd91df75ce7f5d";

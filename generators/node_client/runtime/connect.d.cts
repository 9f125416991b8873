import type { Prisma, PrismaClient } from "./prisma/index.js";
import type { SqlDriverAdapterFactory } from "./prisma/runtime/client.js";

/** The part of a node-postgres `Pool` that is used; spelled out here so that its type package is not needed. */
export interface PgPool {
  connect(...args: any[]): any;
  query(...args: any[]): any;
  end(...args: any[]): any;
  readonly totalCount: number;
}

/** Settings of node-postgres for a connection and its pool: https://node-postgres.com/apis/pool */
export interface PgConfig {
  /**
   * `postgresql://user:password@host:port/database`, with the options of Prisma and libpq that the README lists, such as
   * `?schema=` for a schema other than `public`. Other settings win over it.
   */
  connectionString?: string | undefined;
  host?: string | undefined;
  port?: number | undefined;
  database?: string | undefined;
  user?: string | undefined;
  password?: string | (() => string | Promise<string>) | undefined;
  /** `true`, or the options of Node's `tls.connect`. */
  ssl?: boolean | object | undefined;
  /** What `pg_stat_activity` calls the sessions; the package's name and version are added. */
  application_name?: string | undefined;
  /** Command-line options for the server, e.g. `-c work_mem=64MB`. */
  options?: string | undefined;
  keepAlive?: boolean | undefined;
  keepAliveInitialDelayMillis?: number | undefined;
  /** Milliseconds; the server ends statements that take longer. */
  statement_timeout?: number | false | undefined;
  /** Milliseconds; the client gives up on statements that take longer. */
  query_timeout?: number | undefined;
  /** Milliseconds; the server ends statements that wait longer for a lock. */
  lock_timeout?: number | undefined;
  /** Milliseconds; the server ends sessions that are idle longer in a transaction. */
  idle_in_transaction_session_timeout?: number | undefined;
  /** The most connections that are open at once; 10 if not given. */
  max?: number | undefined;
  /**
   * How many connections stay open while they are idle; 1 if not given, so that the migrations' `users` sees this client.
   */
  min?: number | undefined;
  idleTimeoutMillis?: number | null | undefined;
  connectionTimeoutMillis?: number | undefined;
  maxLifetimeSeconds?: number | undefined;
  maxUses?: number | undefined;
  /** Let the process exit while connections are idle; it may if not given. */
  allowExitOnIdle?: boolean | undefined;
}

/** Settings of the adapter between Prisma Client and node-postgres. */
export interface PrismaPgOptions {
  /** The Postgres schema that queries go to; `public` if not given. */
  schema?: string;
  /** Whether disconnecting also ends a pool that was passed in; it doesn't if not given. */
  disposeExternalPool?: boolean;
  /**
   * Whether connecting checks that the client works on the database at its version; it does if not given. One that is
   * too old or too new is refused with an Error that has `code` (`database-too-old`, `database-too-new`,
   * `database-other-line`, `database-other-schema`, `database-locked`), `clientVersion`, `databaseVersion` and `fix`.
   */
  checkDatabase?: boolean | undefined;
  onPoolError?: (error: Error) => void;
  onConnectionError?: (error: Error) => void;
  /** A name to prepare a statement under; without it nothing is prepared. */
  statementNameGenerator?: (query: { sql: string }) => string;
}

/**
 * Prisma's driver adapter for Postgres, for `new PrismaClient({ adapter })`; {@link createClient} makes one.
 *
 * Its sessions are in UTC and write dates as ISO does, whatever the server, the database or the role prefers: those
 * of a pool that was passed in too, from their first use by the adapter on.
 */
export declare class PrismaPg implements SqlDriverAdapterFactory {
  constructor(poolOrConfig: PgPool | PgConfig | string, options?: PrismaPgOptions);
  readonly provider: "postgres";
  readonly adapterName: string;
  connect(): ReturnType<SqlDriverAdapterFactory["connect"]>;
}

/** Options of Prisma Client itself, such as `log`, `omit`, `errorFormat` and `transactionOptions`. */
export type ClientOptions = Omit<Prisma.PrismaClientOptions, "adapter" | "accelerateUrl">;

/** What {@link createClient} takes beside node-postgres' own settings. */
export interface CreateClientOptions<Options extends ClientOptions = Prisma.PrismaClientOptions> extends PgConfig {
  /**
   * The Postgres schema that queries go to; that of the connection string, else `public`, if not given. It is the
   * search path of raw queries too, unless `pool` is given; behind a transaction pooler the role has to have it.
   */
  schema?: string | undefined;
  /**
   * A pool to use instead of opening one. It stays open when the client disconnects. The sessions that the client
   * has used are in UTC (`TimeZone`) and write dates as ISO does (`DateStyle`).
   */
  pool?: PgPool | undefined;
  /** Whether connecting checks that the client works on the database at its version; it does if not given. */
  checkDatabase?: boolean | undefined;
  /** Options of Prisma Client itself. */
  prisma?: Options | undefined;
  /** Further settings of the adapter. */
  adapter?: Omit<PrismaPgOptions, "schema" | "checkDatabase"> | undefined;
}

/**
 * A client for one Postgres database. It connects with the first query.
 *
 * Without a connection string it takes that of the environment variable `DATABASE_URL`, or else the server that
 * libpq's own variables (`PGHOST`, …) name.
 *
 * @param options - a connection string, or settings
 * @throws Error if no database is configured or the connection string can't be used, TypeError for options that it
 * doesn't know, and if `pool` is not a pool of node-postgres (of the package `pg`, in any version 8)
 *
 * @example
 * ```ts
 * const client = createClient("postgresql://localhost/shop");
 * ```
 */
export declare function createClient<Options extends ClientOptions = Prisma.PrismaClientOptions>(
  options?: string | CreateClientOptions<Options>,
): PrismaClient<Options>;

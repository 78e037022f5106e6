import { inject } from 'vitest';
import { type DatabaseServer, dropDatabases } from './postgres.js';
import { S3Server } from './swift.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the servers are asked for that all test files share. */
    servers: string;
  }
}

/** The PostgreSQL of the run. */
export interface SharedPostgres extends DatabaseServer {
  /** The URL of a database with the tables, to be copied: to migrate each would take most of the time of the tests. */
  template: string;
}

/** What the run tells of its PostgreSQL. */
export type PostgresAddress = Pick<SharedPostgres, 'port' | 'template'>;

/**
 * The PostgreSQL that all test files of a run share, which the first of them starts. It is for those who do not stop it,
 * nor set what holds for all databases. Its `stop` drops the databases of the caller.
 */
export async function sharePostgres(): Promise<SharedPostgres> {
  const address = (await ask('postgres')) as PostgresAddress;
  const databases: string[] = [];
  return { ...address, databases, stop: () => dropDatabases(address.port, databases.splice(0)) };
}

/** The S3 server that all test files of a run share, for those who do not stop it. Each makes buckets of its own. */
export async function shareSwift(): Promise<S3Server> {
  return new S3Server((await ask('swift')) as string);
}

async function ask(server: 'postgres' | 'swift'): Promise<unknown> {
  const response = await fetch(`${inject('servers')}/${server}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

import { type ClientOptions, createRequest, type Request } from './request.js';
import { createTasks, type Tasks } from './tasks.js';

export interface Client extends Tasks {
  /** Sends any document: one of those exported here, one of your own, or plain text. */
  request: Request;
}

/** Creates a client of the graph at an address. It holds no resources, so that there is nothing to close. */
export function createClient(options: ClientOptions): Client {
  const request = createRequest(options);
  return { request, ...createTasks(request) };
}

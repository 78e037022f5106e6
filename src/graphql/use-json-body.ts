import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isJson, readJsonBody } from './json-body.js';
import { isMultipart } from './uploads.js';

export interface JsonBodyOptions {
  /** Of the whole body, in bytes; enough for small pictures in base64. */
  maxBytes: number;
}

/** Reads JSON bodies from the raw request, counting. Yoga's own limit would wrap the body in a stream that copies it. */
export function useJsonBody({ maxBytes }: JsonBodyOptions): Plugin<object, { req: IncomingMessage }> {
  return {
    onRequestParse({ request, serverContext: { req }, setRequestParser }) {
      if (request.method !== 'POST' || isMultipart(req.headers)) return;
      setRequestParser(async () => {
        if (!isJson(req)) throw unsupported();
        return readJsonBody(req, maxBytes);
      });
    },
  };
}

function unsupported(): GraphQLError {
  return new GraphQLError('The body must be application/json or multipart/form-data.', {
    extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', http: { status: 415 } },
  });
}

import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import type { Draft } from './draft.js';
import type { Sent } from './headers.js';
import { toJson } from './verbatim.js';

/** A multipart request before it is written. */
export interface Form {
  /** With the operations and the map as texts, in the order of the specification. */
  parts: FormPart[];
  map: Record<string, unknown>;
  files: FormPart[];
}

/** As the specification of GraphQL multipart requests has it. */
export function formOf({ params, files }: Draft): Form {
  const form = {
    map: Object.fromEntries(files.map(({ path }, n) => [String(n), [`variables.${path}`]])),
    files: files.map(({ bytes }, n) => ({
      name: String(n),
      value: bytes,
      filename: `${n}.png`,
      type: 'image/png',
    })),
  };
  return { ...form, parts: partsOf(toJson(params), form) };
}

/** Writes the parts anew after the map or the files were changed. */
export function partsOf(operations: string, { map, files }: Pick<Form, 'map' | 'files'>): FormPart[] {
  return [{ name: 'operations', value: operations }, { name: 'map', value: toJson(map) }, ...files];
}

export function formRequest({ parts }: Form): Sent {
  return {
    method: 'POST',
    target: '/graphql',
    headers: { 'content-type': multipartType(), 'apollo-require-preflight': '1' },
    body: multipartBody(parts),
  };
}

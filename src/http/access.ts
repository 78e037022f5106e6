import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../access/authenticator.js';
import { denialReason, type Identity, LINK_HOLDER, NOBODY, type Requirement } from '../access/identity.js';
import type { LinkSigner, LinkState } from '../access/link-signer.js';
import { IssuerUnavailableError } from '../access/tokens.js';
import type { RequestScope } from '../request/request-scope.js';
import { parsePicturePath, picturePath } from './picture-paths.js';
import { sendRefusal } from './respond.js';

/** Paths without keys, besides GraphiQL. VisualSnoop's protocol has signatures of its own. */
const OPEN_PATHS = /^\/(?:|health|ready|visualsnoop\/.*)$/;

/** Identifies who sends a request; null when the request has been refused. */
export type Admission = (
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  scope: RequestScope,
) => Promise<Identity | null>;

/**
 * Admits requests with a key or token that is good for their path, or to the signed address of a picture, and refuses the
 * others.
 * @param links gives null where no keys are set
 */
export function createAdmission(
  authenticator: Authenticator,
  links: () => LinkSigner | null,
  onError: (error: unknown, requestId?: string) => void,
): Admission {
  return async (req, res, path, scope) => {
    const requirement = requirementOf(path, req.method);
    if (!requirement) return NOBODY;
    const credential = credentialOf(req, path);
    const signer = links();
    const link = signer && credential === null ? linkState(signer, req, path) : 'NONE';
    if (link !== 'NONE') return admitLink(res, path, scope, link);
    try {
      const identity = await authenticator.identify(credential);
      if (!identity) return challenge(res, path, credential !== null);
      if (!authenticator.open) scope.caller = identity;
      const problem = denialReason(identity, requirement);
      if (!problem) return identity;
      sendRefusal(res, path, 403, 'FORBIDDEN', `This ${problem}`);
    } catch (error) {
      if (!(error instanceof IssuerUnavailableError)) throw error;
      onError(error, scope.id);
      res.setHeader('retry-after', '5');
      sendRefusal(res, path, 503, 'ISSUER_UNAVAILABLE', 'Tokens cannot be verified now. Try again later.');
    }
    return null;
  };
}

/** Whether the address is a signed one. Its path counts by what it names: proxies may encode it in another way. */
function linkState(links: LinkSigner, { url = '' }: IncomingMessage, path: string): LinkState {
  const target = parsePicturePath(path);
  return target ? links.check(picturePath(target), url.slice(path.length + 1)) : 'NONE';
}

function admitLink(
  res: ServerResponse,
  path: string,
  scope: RequestScope,
  state: Exclude<LinkState, 'NONE'>,
): Identity | null {
  if (state === 'VALID') {
    scope.caller = LINK_HOLDER;
    return LINK_HOLDER;
  }
  const message =
    state === 'EXPIRED'
      ? 'This address has expired: ask for the picture again, and use the new one.'
      : 'The signature is not that of this address.';
  sendRefusal(res, path, 403, 'FORBIDDEN', message);
  return null;
}

/** The requirement of a path; null for one that is open to everybody. Those of mutations are in mutation-access.ts. */
function requirementOf(path: string, method: string | undefined): Requirement | null {
  if (OPEN_PATHS.test(path)) return null;
  if (!path.startsWith('/imgcache/') || method === 'GET' || method === 'HEAD') return { scope: 'read' };
  return method === 'DELETE' ? { scope: 'write', unlimited: true } : { scope: 'write' };
}

/** The key or token that a request brings in its headers. One in the URL does not count: URLs are logged and shared. */
function credentialOf({ headers }: IncomingMessage, path: string): string | null {
  const [, scheme, value = ''] = /^(bearer|basic) +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (scheme?.toLowerCase() === 'bearer') return value;
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  return scheme && path.startsWith('/imgcache/') ? passwordOf(value) : null;
}

/** The password of Basic authentication: the original client sends it when its base URL has a user name and a password. */
function passwordOf(basic: string): string {
  const text = Buffer.from(basic, 'base64').toString();
  return text.slice(text.indexOf(':') + 1 || text.length);
}

function challenge(res: ServerResponse, path: string, hasCredential: boolean): null {
  const basic = path.startsWith('/imgcache/') ? ['Basic realm="imgcache"'] : [];
  res.setHeader('www-authenticate', ['Bearer', ...basic]);
  const message = hasCredential
    ? 'The key is not valid.'
    : 'A key is needed, as Authorization: Bearer KEY or X-API-Key: KEY.';
  sendRefusal(res, path, 401, 'UNAUTHENTICATED', message);
  return null;
}

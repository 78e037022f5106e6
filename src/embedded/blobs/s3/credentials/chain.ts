import { containerCredentials, hasContainerEndpoint } from './container.js';
import type { CredentialSource } from './credentials.js';
import { environmentCredentials } from './environment.js';
import { instanceCredentials } from './instance.js';
import { sharedFileCredentials } from './shared-files.js';
import { hasWebIdentity, webIdentityCredentials } from './web-identity.js';

/**
 * Where AWS's own tools look for credentials, in their order: the environment, the shared files, a web identity, the
 * container's endpoint, the instance's metadata. The first that is set up is asked, and no other if it fails.
 * @param region for STS
 */
export function credentialChain(env: NodeJS.ProcessEnv, region: string): CredentialSource {
  return async () => {
    const lasting = environmentCredentials(env) ?? (await sharedFileCredentials(env));
    if (lasting) return lasting;
    if (hasWebIdentity(env)) return webIdentityCredentials(env, region);
    if (hasContainerEndpoint(env)) return containerCredentials(env);
    return instanceCredentials(env);
  };
}

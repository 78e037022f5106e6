import { type AnyCommand, CONFIG_OPTION, CommandError } from './command-line.js';
import { addressOf } from './gateway-address.js';
import { withConfig } from './settings.js';

/** Longer than /ready takes when a service does not respond. */
const TIMEOUT_MS = 5000;

export function define(command: AnyCommand): void {
  command
    .description(
      `Asks the gateway that runs with these settings whether it lives, and exits with 0 when it does, else with 1: for
containers and supervisors.`,
    )
    .option('--ready', 'ask whether its services respond, too')
    .option('--url <URL>', 'the address of the gateway (default: from HOST and PORT)')
    .option(...CONFIG_OPTION)
    .action(({ ready, url, config: file }) => {
      const path = ready ? '/ready' : '/health';
      return url === undefined
        ? withConfig({ file }, (config) => ask(`${addressOf(config, '--url')}${path}`))
        : ask(`${url.replace(/\/+$/, '')}${path}`);
    });
}

async function ask(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => {
    throw new CommandError(`No response from ${url}: ${reasonOf(error)}.`);
  });
  const text = (await response.text().catch(() => '')).trim();
  if (!response.ok) throw new CommandError(`${url} responds ${response.status}: ${text.slice(0, 1000)}`);
  process.stdout.write(`${text}\n`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.name;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SharedStorage } from '../harness/shared-storage.js';
import { type GatewayProcess, startProcess } from '../powercut/gateway-process.js';
import { GatewayClient } from './gateway-client.js';

/** How each gateway comes to the storage. */
export interface GatewayPlan {
  /** Whether its data folder is one that others have too. */
  sharesFolder: boolean;
  storage: SharedStorage;
}

/** Gateways as processes of their own. */
export class Gateways implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lookalike-gateways-'));
  readonly #processes: GatewayProcess[] = [];
  readonly clients: GatewayClient[] = [];

  /** Starts them all at once. */
  static async start(plans: readonly GatewayPlan[]): Promise<Gateways> {
    const gateways = new Gateways();
    try {
      gateways.clients.push(...(await Promise.all(plans.map((plan) => gateways.#start(plan)))));
      return gateways;
    } catch (error) {
      await gateways[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts one more. */
  async add(plan: GatewayPlan): Promise<GatewayClient> {
    const client = await this.#start(plan);
    this.clients.push(client);
    return client;
  }

  async #start({ sharesFolder, storage }: GatewayPlan): Promise<GatewayClient> {
    const own = mkdtempSync(join(this.#folder, 'gateway-'));
    const dataDir = sharesFolder ? join(this.#folder, 'shared') : join(own, 'data');
    mkdirSync(dataDir, { recursive: true });
    const process = await startProcess(own, { ...storage.env, LOOKALIKE_DATA_DIR: dataDir });
    this.#processes.push(process);
    return new GatewayClient(process.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill('SIGTERM')));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

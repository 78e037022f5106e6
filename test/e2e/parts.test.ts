import { startGateway } from '../harness/gateway.js';
import { describeParts } from './parts.js';

describeParts('SQLite and files', () => startGateway());

import { afterAll } from 'vitest';
import './bundled-threads.js';
import { removeConfigFiles } from './config-file.js';
import './equal-bytes.js';

/* What vitest does anew in each test file. The harness itself is loaded once in a process, which runs many of them. */

afterAll(removeConfigFiles);

import { createReadStream } from 'node:fs';
import { tour } from './tour.js';

const [, , url = '', file = ''] = process.argv;
process.stdout.write(JSON.stringify(await tour(url, () => createReadStream(file))));

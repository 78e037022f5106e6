import { createReadStream, readFileSync } from 'node:fs';
import { tour } from './tour.js';

const [, , url = '', file = ''] = process.argv;
const tours = [await tour(url, () => createReadStream(file)), await tour(url, () => readFileSync(file))];
process.stdout.write(JSON.stringify(tours));

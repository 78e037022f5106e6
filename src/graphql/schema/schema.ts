import './scalars.js';
import './errors.js';
import './collection.js';
import './collection-mutations.js';
import './image.js';
import './image-mutations.js';
import './image-picture.js';
import './entry.js';
import './entry-images.js';
import './entry-list.js';
import './entry-mutations.js';
import './entry-picture.js';
import './entry-urls.js';
import './ingest-image.js';
import './node.js';
import './service.js';
import './similar.js';
import './thumbnail.js';
import { builder } from './builder.js';

/** The whole graph. */
export const schema = builder.toSchema();

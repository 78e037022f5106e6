import { GraphQLSchema } from 'graphql';
import './scalars.js';
import './errors.js';
import './collection.js';
import './collection-mutations.js';
import './duplicate-group.js';
import './duplicate-list.js';
import './duplicate-mutations.js';
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
import './add-entries.js';
import './node.js';
import './service.js';
import './similar.js';
import './viewer.js';
import './thumbnail.js';
import { builder } from './builder.js';

/** Builds the whole graph, each time anew. */
export function createSchema(): GraphQLSchema {
  return new GraphQLSchema({
    ...builder.toSchema().toConfig(),
    description:
      'Pictures in two services: imgcache, a content-addressed cache of scraped images, and VisualSnoop, collections that are searched by visual similarity.',
  });
}

/** The whole graph. */
export const schema = createSchema();

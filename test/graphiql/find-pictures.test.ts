import { describe, expect, it } from 'vitest';
import { findPictures } from '../../src/graphiql/find-pictures.js';

const BASE = 'https://host.example/pictures';
const file = (name: string) => `${BASE}/files/${name}?exp=1&sig=a/320`;
const thumbnail = (name: string) => `${BASE}/thumbnails/${name}/320?exp=1&sig=x`;
const IMAGE = `${BASE}/collections/6b7c9142/images/a%2F320/${'0'.repeat(64)}`;

describe('the pictures of a response', () => {
  it('are shown by their thumbnails, and lead to their files', () => {
    const nodes = [
      { fileUrl: file('a'), thumbnail: { url: thumbnail('a'), width: 320 } },
      { small: thumbnail('b') },
      { thumbnail: { url: thumbnail('c') } },
      { address: file('d') },
      { fileUrl: IMAGE, thumbnail: { url: `${IMAGE}/640.webp` } },
    ];
    expect(findPictures({ data: { entries: { nodes } } }, BASE)).toEqual([
      { src: thumbnail('a'), href: file('a'), path: 'data.entries.nodes[0]' },
      { src: thumbnail('b'), href: thumbnail('b'), path: 'data.entries.nodes[1]' },
      { src: thumbnail('c'), href: thumbnail('c'), path: 'data.entries.nodes[2]' },
      { src: file('d'), href: file('d'), path: 'data.entries.nodes[3]' },
      { src: `${IMAGE}/640.webp`, href: IMAGE, path: 'data.entries.nodes[4]' },
    ]);
  });

  it('are each shown once', () => {
    const entry = { fileUrl: file('a') };
    expect(findPictures([entry, { entry }], BASE)).toHaveLength(1);
  });

  it.each([
    null,
    'text',
    { url: 'https://host.example/other.jpg' },
    { url: `${BASE}/graphql` },
    { url: 'https://host.example/pictures-of-others/files/a' },
    { url: 'javascript:alert(1)' },
    { message: `Not ${file('a')}` },
  ])('are not seen in %j', (response) => {
    expect(findPictures(response, BASE)).toEqual([]);
  });
});

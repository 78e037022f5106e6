import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '#src/config.js';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import { openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { runCommand } from '../harness/command.js';
import { picture, post, startGateway, type TestGateway } from '../harness/gateway.js';
import { startRemoteGateway } from '../harness/remote-gateway.js';

/* Duplicates as a page sees them: real pictures, over a socket. */

const STORE =
  'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { ... on StoreEntrySuccess { entry { contentHash } } } }';
const GROUP = `id widest likeness state reclaimableBytes
  decision { id verdict decidedAt keptHashes }
  members { isSuggestedKeep reasons entry { contentHash fileSizeBytes contentType urls } }`;
const LIST = `query ($state: DuplicateState! = OPEN, $likeness: Likeness! = NEARLY_CERTAIN, $first: Int, $after: String) {
  duplicateGroups(state: $state, likeness: $likeness, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ${GROUP} } } }`;
const DECIDE = `mutation ($input: DecideDuplicatesInput!) { decideDuplicates(input: $input) {
  __typename ... on Error { message }
  ... on DecideDuplicatesSuccess { decision { id verdict keptHashes } deletedHashes } } }`;
const UNDO = `mutation ($id: ID!) { undoDuplicateDecision(input: { decisionId: $id }) {
  __typename ... on Error { message }
  ... on UndoDuplicateDecisionSuccess { undoneId contentHashes missingHashes } } }`;

const photo = () => sharp(picture('photos/03-fig.jpg'));

describe('duplicates', () => {
  let gateway: TestGateway;
  const hashes: Record<string, string> = {};
  const nameOf = (hash: string) => Object.keys(hashes).find((name) => hashes[name] === hash);

  async function store(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const input = { url: `https://pictures.example/${name}`, clientName: 'test', image: { upload: null } };
    const { data } = await gateway.upload(STORE, { input }, { 'input.image.upload': bytes });
    hashes[name] = data.storeEntry.entry.contentHash;
  }
  const buffer = async (made: Sharp) => Uint8Array.from(await made.toBuffer());
  const list = async (variables: object = {}) =>
    (await gateway.graphql(LIST, variables)).data.duplicateGroups;
  const decide = async (input: object) => (await gateway.graphql(DECIDE, { input })).data.decideDuplicates;
  const undo = async (id: string) => (await gateway.graphql(UNDO, { id })).data.undoDuplicateDecision;
  const node = async (id: string) =>
    (
      await gateway.graphql(`query ($id: ID!) { node(id: $id) { ... on DuplicateGroup { ${GROUP} } } }`, {
        id,
      })
    ).data.node;
  const namesIn = ({ members }: { members: { entry: { contentHash: string } }[] }) =>
    members.map(({ entry }) => nameOf(entry.contentHash)).toSorted();

  beforeAll(async () => {
    gateway = await startGateway();
    await store('original', Uint8Array.from(picture('photos/03-fig.jpg')));
    await store('small', await buffer(photo().resize({ width: 300 }).jpeg()));
    await store('lossless', await buffer(photo().resize({ width: 300 }).png()));
    for (const other of ['photos/36-coffee.png', 'photos/05-wine.jpg'])
      await store(other, Uint8Array.from(picture(other)));
  });
  afterAll(() => gateway.close());

  it('are groups with a suggestion and its reasons', async () => {
    const { totalCount, nodes, pageInfo } = await list();
    expect(totalCount).toBe(1);
    expect(pageInfo.hasNextPage).toBe(false);
    const [group] = nodes;
    expect(namesIn(group)).toEqual(['lossless', 'original', 'small']);
    expect(group).toMatchObject({ state: 'OPEN', likeness: 'NEARLY_CERTAIN', decision: null });
    expect(group.widest).toBeLessThanOrEqual(8);
    const members = Object.fromEntries(
      group.members.map((member: { entry: { contentHash: string } }) => [
        nameOf(member.entry.contentHash),
        member,
      ]),
    );
    expect(members.original).toMatchObject({ isSuggestedKeep: true });
    expect(members.original.reasons).toEqual(expect.arrayContaining(['MOST_PIXELS', 'OLDEST']));
    expect(members.lossless).toMatchObject({ isSuggestedKeep: false });
    expect(members.lossless.reasons).toContain('LOSSLESS');
    expect(members.small).toMatchObject({ isSuggestedKeep: false, reasons: [] });
    const sizes = ['small', 'lossless'].map((name) => members[name].entry.fileSizeBytes);
    expect(group.reclaimableBytes).toBe(sizes[0] + sizes[1]);
    expect(await node(group.id)).toEqual(group);
  });

  it('keep their id when they grow, and lead to the decision afterwards', async () => {
    const { id } = (await list()).nodes[0];
    await store('grey', await buffer(photo().greyscale().jpeg({ quality: 60 })));
    const grown = await node(id);
    expect(namesIn(grown)).toEqual(['grey', 'lossless', 'original', 'small']);
    const seen = ['lossless', 'original', 'small'].map((name) => hashes[name]!);
    const decided = await decide({ groupId: id, verdict: 'KEEP_ALL', members: seen });
    expect(decided).toMatchObject({ __typename: 'DecideDuplicatesSuccess', deletedHashes: [] });
    // The one that nobody has seen is still a question.
    expect(namesIn((await list()).nodes[0])).toContain('grey');
    const rest = await decide({ groupId: (await list()).nodes[0].id, verdict: 'NOT_DUPLICATES' });
    expect(rest.decision.verdict).toBe('NOT_DUPLICATES');
    expect((await list()).totalCount).toBe(0);
    expect(await node(id)).toMatchObject({ state: 'DECIDED', reclaimableBytes: 0 });
    const history = await list({ state: 'DECIDED', first: 1 });
    expect(history).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    expect(history.nodes[0].decision.id).toBe(rest.decision.id);
    const older = await list({ state: 'DECIDED', first: 1, after: history.pageInfo.endCursor });
    expect(older.nodes[0].decision).toMatchObject({ id: decided.decision.id, verdict: 'KEEP_ALL' });
    expect((await decide({ groupId: id, verdict: 'KEEP_ALL' })).message).toBe(
      'This group is decided: undo its decision first.',
    );
    for (const { decision } of [decided, rest])
      expect(await undo(decision.id)).toMatchObject({ undoneId: decision.id, missingHashes: [] });
    expect(namesIn((await list()).nodes[0])).toEqual(['grey', 'lossless', 'original', 'small']);
    expect((await undo(rest.decision.id)).__typename).toBe('NotFoundError');
  });

  it('are listed by the command, beside the gateway', async () => {
    const run = (...args: string[]) =>
      runCommand(['duplicates', ...args], {
        cwd: gateway.dataDir,
        env: { LOOKALIKE_DATA_DIR: gateway.dataDir },
      });
    const { nodes } = await list();
    const { code, stdout } = await run('--json');
    expect(code).toBe(0);
    const listed = JSON.parse(stdout);
    expect(listed).toHaveLength(1);
    const { widest, likeness, reclaimableBytes } = nodes[0];
    expect(listed[0]).toMatchObject({ widest, likeness, reclaimableBytes });
    const kept = (members: { contentHash: string; isSuggestedKeep: boolean }[]) =>
      members.map(({ contentHash, isSuggestedKeep }) => ({ contentHash, isSuggestedKeep }));
    expect(kept(listed[0].members)).toEqual(
      nodes[0].members.map((member: { isSuggestedKeep: boolean; entry: { contentHash: string } }) => ({
        contentHash: member.entry.contentHash,
        isSuggestedKeep: member.isSuggestedKeep,
      })),
    );
    const table = (await run()).stdout.trimEnd().split('\n');
    expect(table).toHaveLength(6);
    expect(table.filter((line) => line.includes(' keep '))).toHaveLength(2);
    expect(table.at(-1)).toBe(`1 groups; without the others of each, ${reclaimableBytes} bytes less.`);
    const wrong = await run('--likeness', 'SURE');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('NEARLY_CERTAIN') });
  });

  it('are deleted but for what is kept, whose URLs then lead to it; undoing brings the question back, not the bytes', async () => {
    const { id } = (await list()).nodes[0];
    const keep = [hashes.original!, hashes.grey!];
    const decided = await decide({ groupId: id, verdict: 'KEEP_SELECTED', keep, deleteOthers: true });
    expect(decided.deletedHashes.map(nameOf).toSorted()).toEqual(['lossless', 'small']);
    expect(decided.decision.keptHashes).toEqual(keep);
    const byUrl =
      '{ entryByUrl(url: "https://pictures.example/small") { contentHash urls } gone: entry(contentHash: "HASH") { url } }';
    const { data } = await gateway.graphql(byUrl.replace('HASH', hashes.small!));
    expect(data.gone).toBeNull();
    expect(data.entryByUrl.contentHash).toBe(hashes.original);
    expect([...data.entryByUrl.urls].toSorted()).toEqual(
      ['lossless', 'original', 'small'].map((name) => `https://pictures.example/${name}`),
    );
    await store('small', await buffer(photo().resize({ width: 300 }).jpeg()));
    expect((await list()).totalCount).toBe(0);
    expect(await undo(decided.decision.id)).toMatchObject({ missingHashes: [hashes.lossless] });
    expect(namesIn((await list()).nodes[0])).toEqual(['grey', 'original', 'small']);
  });

  it('refuse verdicts that make no sense, and do nothing then', async () => {
    const { id } = (await list()).nodes[0];
    const refusals: [object, RegExp][] = [
      [{ verdict: 'KEEP_SELECTED' }, /^input\.keep: must name one member/],
      [{ verdict: 'KEEP_SELECTED', keep: [hashes.lossless] }, /^input\.keep: .* is no member of the group/],
      [{ verdict: 'KEEP_ALL', keep: [hashes.small] }, /^input\.keep: must be absent/],
      [{ verdict: 'NOT_DUPLICATES', deleteOthers: true }, /^input\.deleteOthers: must be false/],
      [{ verdict: 'KEEP_ALL', members: [hashes.small, hashes.small] }, /^input\.members: must name two/],
      [
        { verdict: 'KEEP_SELECTED', keep: [hashes.grey], members: [hashes.small, hashes.original] },
        /^input\.keep/,
      ],
    ];
    for (const [input, message] of refusals)
      expect(await decide({ groupId: id, ...input })).toMatchObject({
        __typename: 'InvalidInputError',
        message: expect.stringMatching(message),
      });
    for (const groupId of ['', 'nonsense', Buffer.from('DuplicateGroup:LIKELY:00').toString('base64url')]) {
      expect((await decide({ groupId, verdict: 'KEEP_ALL' })).__typename).toBe('NotFoundError');
      expect(await node(groupId)).toBeNull();
    }
    expect((await gateway.graphql(LIST, { after: 'nonsense' })).errors![0]!.extensions.code).toBe(
      'BAD_USER_INPUT',
    );
    expect(await list({ likeness: 'IDENTICAL' })).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await list({ state: 'DECIDED' })).totalCount).toBe(0);
    expect(gateway.reported).toEqual([]);
  });
});

it('keys that may not delete entries see groups, and decide nothing', async () => {
  const keys = { reading: 'reading-reading-reading', limited: 'limited-limited-limited' };
  const { apiKeys } = loadConfig({
    LOOKALIKE_API_KEYS: `read:${keys.reading},write@col_1:${keys.limited}`,
  });
  const gateway = await startGateway({ apiKeys });
  for (const key of Object.values(keys)) {
    const ask = (query: string, variables: object = {}) =>
      post(gateway.url, JSON.stringify({ query, variables }), {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
      });
    expect((await ask(LIST)).data.duplicateGroups.totalCount).toBe(0);
    for (const refused of [
      await ask(DECIDE, { input: { groupId: 'x', verdict: 'KEEP_ALL' } }),
      await ask(UNDO, { id: 'x' }),
    ])
      expect(refused.errors![0]!.extensions.code).toBe('FORBIDDEN');
  }
  await gateway.close();
});

it('a gateway over a remote imgcache has no groups, and says so', async () => {
  const gateway = await startRemoteGateway();
  const { data, errors } = await gateway.graphql(LIST);
  expect(errors).toBeUndefined();
  expect(data.duplicateGroups).toBeNull();
  const decided = await gateway.graphql(DECIDE, { input: { groupId: 'x', verdict: 'KEEP_ALL' } });
  expect(decided.data.decideDuplicates).toMatchObject({
    __typename: 'ServiceError',
    message: 'A remote imgcache has no groups of duplicates.',
  });
  await gateway.close();
});

/* Pairs by look: dHashes know nothing of turns, mirror images and crops. */
describe('duplicates that are in a collection', () => {
  const names = ['original', 'turned', 'mirrored', 'cropped'] as const;
  const collection = new Map<string, Uint8Array<ArrayBuffer>>();
  const hashes = new Map<string, string>();
  let gateway: TestGateway;
  let collectionId: string;

  const list = async (likeness = 'LIKELY') =>
    (await gateway.graphql(LIST, { likeness })).data.duplicateGroups.nodes as {
      id: string;
      widest: number;
      members: { entry: { contentHash: string } }[];
    }[];
  const membersOf = (group: { members: { entry: { contentHash: string } }[] } | undefined) =>
    group?.members.map(({ entry }) => entry.contentHash);
  const all = () => [...hashes.values()].toSorted();

  async function store(name: string): Promise<void> {
    const input = { url: `https://pictures.example/${name}`, clientName: 'test', image: { upload: null } };
    const { data } = await gateway.upload(STORE, { input }, { 'input.image.upload': collection.get(name)! });
    hashes.set(name, data.storeEntry.entry.contentHash);
  }
  async function addImage(name: string): Promise<void> {
    const input = { collectionId, imageId: name, image: { upload: null } };
    const add = 'mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }';
    const bytes = collection.get(name)!;
    const { data } = await gateway.upload(add, { input }, { 'input.image.upload': bytes });
    expect(data.addImage.__typename).toBe('AddImageSuccess');
  }

  beforeAll(async () => {
    gateway = await startGateway();
    const { data } = await gateway.graphql('{ collections { nodes { collectionId } } }');
    collectionId = data.collections.nodes[0].collectionId;
    const edits: Record<(typeof names)[number], Sharp> = {
      original: photo().jpeg(),
      turned: photo().rotate(90).jpeg(),
      mirrored: photo().flop().png(),
      cropped: photo()
        .extract(await middleOf(photo()))
        .jpeg(),
    };
    for (const name of names) collection.set(name, Uint8Array.from(await edits[name].toBuffer()));
    for (const name of names) await store(name);
  });
  afterAll(() => gateway.close());

  it('are a group once they are images, and none before', async () => {
    expect(await list('POSSIBLE')).toEqual([]);
    for (const name of ['original', 'turned', 'mirrored']) await addImage(name);
    expect(membersOf((await list())[0])).toHaveLength(3);
    await addImage('cropped');
    const [group, ...others] = await list();
    expect(others).toEqual([]);
    expect(membersOf(group)).toEqual(all());
    expect(group!.widest).toBeLessThanOrEqual(20);
  });

  it('stay decided when the pictures are described anew, deleted and stored again', async () => {
    const [group] = await list();
    const input = { groupId: group!.id, verdict: 'NOT_DUPLICATES', members: all() };
    const decided = (await gateway.graphql(DECIDE, { input })).data.decideDuplicates;
    expect(decided.__typename).toBe('DecideDuplicatesSuccess');
    expect(await list('POSSIBLE')).toEqual([]);

    await gateway.stop();
    const { connection, store: rows, close } = await openSqliteStore(join(gateway.dataDir, 'lookalike.db'));
    connection.exec('update images set descriptor_version = 0; delete from image_keypoints');
    expect(await rows.images.countOutdated(VERSIONS)).toBe(names.length);
    gateway = await startGateway({ dataDir: gateway.dataDir });
    await vi.waitUntil(async () => (await rows.images.countOutdated(VERSIONS)) === 0, 30_000);
    await close();
    expect(await list('POSSIBLE')).toEqual([]);

    const [original] = all();
    const remove = 'mutation ($input: DeleteEntryInput!) { deleteEntry(input: $input) { __typename } }';
    await gateway.graphql(remove, { input: { contentHash: original } });
    expect(await list('POSSIBLE')).toEqual([]);
    await store([...hashes].find(([, hash]) => hash === original)![0]);
    expect(await list('POSSIBLE')).toEqual([]);

    await gateway.graphql(UNDO, { id: decided.decision.id });
    expect(membersOf((await list())[0])).toEqual(all());
  });
});

async function middleOf(picture: Sharp) {
  const { width, height } = await picture.metadata();
  const [left, top] = [Math.floor(width * 0.1), Math.floor(height * 0.1)];
  return { left, top, width: width - 2 * left, height: height - 2 * top };
}

/** The part of the graph that the bench asks for, as each peer serves it. */
export const SCHEMA = `
  scalar ContentHash
  type Entry {
    id: ID
    contentHash: ContentHash!  url: String!  contentType: String!  fileSizeBytes: Float!  originalFilename: String
    width: Int  height: Int  perceptualHash: String  clientName: String!  lookupTime: String!  createdAt: String!
    similar(first: Int!, maxHammingDistance: Int!): [EntryMatch!]
  }
  type EntryMatch { entry: Entry!  hammingDistance: Int! }
  type EntryConnection { nodes: [Entry!]! }
  input EntryFilter { urlContains: String }
  type Query {
    entry(contentHash: ContentHash!): Entry
    entries(first: Int!, filter: EntryFilter): EntryConnection!
  }
`;

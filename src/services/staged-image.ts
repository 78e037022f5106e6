import type { Readable } from 'node:stream';

/** Why bytes cannot be used as a picture. TOO_COSTLY: decoding takes more memory or time than one picture is given. */
export type PictureProblem = 'EMPTY' | 'NOT_AN_IMAGE' | 'CUT_OFF' | 'TOO_MANY_PIXELS' | 'TOO_COSTLY';

/** The same in words, for those who gave the bytes. */
export const PICTURE_PROBLEMS: Readonly<Record<PictureProblem, string>> = {
  EMPTY: 'The image is empty.',
  NOT_AN_IMAGE: 'The bytes are no image of a known format.',
  CUT_OFF: 'The image is cut off or damaged: it cannot be decoded.',
  TOO_MANY_PIXELS: 'The image has more pixels than are decoded here.',
  TOO_COSTLY:
    'Decoding the image takes more memory or time than one image is given here: save it smaller, or not progressive or interlaced.',
};

/** The facts that the bytes of a picture give. */
export interface PictureFacts {
  /** The type by content, never by name; `application/octet-stream` when nothing is recognised. */
  contentType: string;
  /** In pixels as stored, before any EXIF rotation; null when the bytes could not be decoded. */
  width: number | null;
  height: number | null;
  /** The 64-bit dHash in 16 lower-case hex digits. */
  perceptualHash: string | null;
  /** Null for a picture, also for one of a known format that is not decoded here, such as SVG. */
  problem: PictureProblem | null;
}

/** How a picture looks, in the encodings of the embedded VisualSnoop. */
export interface PictureDescription {
  descriptor: Uint8Array;
  keypoints: Uint8Array;
}

/** What a picture is described for: to be kept, or only to be asked about. */
export type DescriptionUse = 'KEPT' | 'ASKED';

/**
 * Bytes that were received once, hashed on the way, and wait in a file to be stored, forwarded or only looked at.
 * Whoever staged them disposes of them; storing takes what it needs before it returns.
 */
export interface StagedImage extends AsyncDisposable {
  /** BLAKE2b-256 in 64 lower-case hex digits. */
  readonly contentHash: string;
  /** The number of bytes. */
  readonly size: number;
  /** BLAKE3 in 64 lower-case hex digits: computed on the way where it was expected, else at the first call. */
  blake3(): Promise<string>;
  /** Decodes the picture at the first call and remembers the facts. */
  facts(): Promise<PictureFacts>;
  /** How the picture looks: computed at the first call for a use and remembered. Null when it cannot be decoded. */
  description(use: DescriptionUse): Promise<PictureDescription | null>;
  /** Reads the bytes from the start. */
  stream(): Readable;
  /** The same bytes, with a life of their own: moving or disposing of one leaves the other as it is. */
  share(): Promise<StagedImage>;
  /** Makes the bytes durable under a permanent path on the same file system. They can be read from here as before. */
  moveTo(path: string): Promise<void>;
}

/** Thrown while staging more bytes than allowed. */
export class TooManyBytesError extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`The image is larger than ${maxBytes} bytes.`);
    this.name = 'TooManyBytesError';
    this.maxBytes = maxBytes;
  }
}

export interface StageOptions {
  /**
   * More bytes are a TooManyBytesError.
   * @default unlimited
   */
  maxBytes?: number;
  signal?: AbortSignal;
}

/** Receives bytes into a staged image. Nothing stays behind when it fails or is aborted. */
export interface Staging {
  stage(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options?: StageOptions,
  ): Promise<StagedImage>;
}

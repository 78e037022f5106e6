import { GraphQLError } from 'graphql';
import type { FileUpload, Upload } from 'graphql-upload-ts';
import type { StagedImage } from '../../services/staged-image.js';

/** A file of a multipart request, staged as it came: graphql-upload-ts' file without its temporary one. */
export interface StagedUpload {
  filename: string | undefined;
  /** Belongs to the request. Resolvers take a share of it. */
  image: StagedImage;
}

/** The type that graphql-upload-ts declares for the file of an upload is that of its own temporary file. */
export function stagedUpload({ promise }: Upload): Promise<StagedUpload> {
  return promise as Promise<unknown> as Promise<StagedUpload>;
}

export function resolveUpload(upload: Upload, staged: StagedUpload): void {
  upload.resolve(staged as Partial<FileUpload> as FileUpload);
}

class MalformedMultipartError extends GraphQLError {}

/** The error of a multipart request that cannot be read. Its whole response is a 400 without data. */
export function malformedMultipart(message: string): GraphQLError {
  return new MalformedMultipartError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

/** Also at the place of the field that came upon it. */
export function isMalformedMultipart(error: GraphQLError): boolean {
  return (error.originalError ?? error) instanceof MalformedMultipartError;
}

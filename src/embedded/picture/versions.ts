import { KEYPOINTS_VERSION } from '../keypoints/keypoints.js';
import { DESCRIPTOR_VERSION } from './descriptor.js';

/** The versions of the descriptions that are made now. */
export const VERSIONS = {
  descriptorVersion: DESCRIPTOR_VERSION,
  keypointsVersion: KEYPOINTS_VERSION,
} as const;

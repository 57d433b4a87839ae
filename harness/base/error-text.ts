// The message of anything that was thrown, whichever realm it is from.
import { isNativeError } from 'node:util/types';

export const errorText = (error: unknown): string => (isNativeError(error) ? error.message : String(error));

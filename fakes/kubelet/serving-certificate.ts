// What the endpoint shows in TLS: the certificate that was made at start, or one that the configuration names.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';
import type { Certificates, KeyPair } from '../pki/certificates';
import type { KubeletSettings } from './settings';

async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `${setting} ${file} cannot be read (${errorCodeOrText(error)}): name a PEM file that is there.`,
    );
  }
}

function parsed<T>(setting: string, file: string, kind: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new UserError(`${setting} ${file} holds no ${kind} in PEM: give one.`);
  }
}

/** Certificate and key of the endpoint. Throws UserError where the named files are none, or do not fit each other. */
export async function servingKeyPair(settings: KubeletSettings, made: Certificates): Promise<KeyPair> {
  const { tlsCertFile, tlsPrivateKeyFile } = settings;
  if (!tlsCertFile && !tlsPrivateKeyFile) return made.serving;
  if (!tlsCertFile || !tlsPrivateKeyFile) {
    throw new UserError(
      `${tlsCertFile ? 'tlsCertFile' : 'tlsPrivateKeyFile'} is set alone: set tlsCertFile and tlsPrivateKeyFile, or neither.`,
    );
  }
  const certificate = await readPem('tlsCertFile', tlsCertFile);
  const key = await readPem('tlsPrivateKeyFile', tlsPrivateKeyFile);
  const shown = parsed('tlsCertFile', tlsCertFile, 'certificate', () => new X509Certificate(certificate));
  const secret = parsed('tlsPrivateKeyFile', tlsPrivateKeyFile, 'private key', () => createPrivateKey(key));
  if (!shown.checkPrivateKey(secret)) {
    throw new UserError(
      `The key in ${tlsPrivateKeyFile} does not belong to the certificate in ${tlsCertFile}: give a pair that fits.`,
    );
  }
  return { certificate, key };
}

// Returns the certificate of the HTTPS port: a certificate that was created at startup, or the certificate in the
// settings.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';
import type { Certificates, KeyPair } from '../pki/certificates';
import type { FakeKubeletSettings } from './settings';

async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`${setting} ${file} cannot be read (${errorCodeOrText(error)}): name an existing PEM file.`);
  }
}

function parsed<T>(setting: string, file: string, kind: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new UserError(`${setting} ${file} does not contain a ${kind} in PEM: name a file that does.`);
  }
}

/**
 * Returns the certificate and key of the HTTPS port.
 * @param settings the settings, which may name the files
 * @param created the created certificates, which are used if the settings name no files
 * @returns PEM certificate and key
 * @throws UserError if only one file is named, a file cannot be used, or key and certificate do not match
 */
export async function servingKeyPair(settings: FakeKubeletSettings, created: Certificates): Promise<KeyPair> {
  const { tlsCertFile, tlsPrivateKeyFile } = settings;
  if (!tlsCertFile && !tlsPrivateKeyFile) return created.serving;
  if (!tlsCertFile || !tlsPrivateKeyFile) {
    throw new UserError(
      `Only ${tlsCertFile ? 'tlsCertFile' : 'tlsPrivateKeyFile'} is set: set tlsCertFile and tlsPrivateKeyFile, or neither.`,
    );
  }
  const certificate = await readPem('tlsCertFile', tlsCertFile);
  const key = await readPem('tlsPrivateKeyFile', tlsPrivateKeyFile);
  const parsedCertificate = parsed('tlsCertFile', tlsCertFile, 'certificate', () => new X509Certificate(certificate));
  const privateKey = parsed('tlsPrivateKeyFile', tlsPrivateKeyFile, 'private key', () => createPrivateKey(key));
  if (!parsedCertificate.checkPrivateKey(privateKey)) {
    throw new UserError(
      `The key in ${tlsPrivateKeyFile} does not belong to the certificate in ${tlsCertFile}: name files that belong together.`,
    );
  }
  return { certificate, key };
}

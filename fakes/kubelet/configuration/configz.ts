// Makes the document of `/configz`: the kubelet's settings under the names of the file format.
import type { FakeKubeletSettings } from '../settings';

/** Returns a duration as Go's encoder writes it, such as `2m0s`, `1h0m0s` or `500ms`. */
function goDuration(seconds: number): string {
  if (seconds === 0) return '0s';
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(6))}ms`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(9))}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/** Returns the JSON document of `/configz`. The document contains the names of files, but not their content. */
export function configzDocument(
  settings: FakeKubeletSettings,
  endpoints: { readonly runtimeEndpoint: string; readonly imageEndpoint: string | undefined },
): string {
  const { tlsCertFile, tlsPrivateKeyFile, tlsMinVersion, tlsCipherSuites, clientCAFile, staticPodPath, podLogsDir } =
    settings;
  return JSON.stringify({
    kubeletconfig: {
      enableServer: true,
      ...(staticPodPath && { staticPodPath }),
      ...(podLogsDir && { podLogsDir }),
      fileCheckFrequency: goDuration(settings.fileCheckSeconds),
      address: settings.address,
      port: settings.port,
      readOnlyPort: settings.readOnlyPort,
      ...(tlsCertFile && { tlsCertFile }),
      ...(tlsPrivateKeyFile && { tlsPrivateKeyFile }),
      ...(tlsCipherSuites && { tlsCipherSuites }),
      ...(tlsMinVersion && { tlsMinVersion }),
      authentication: {
        x509: { ...(clientCAFile && { clientCAFile }) },
        webhook: { enabled: settings.webhookAuthentication, cacheTTL: goDuration(settings.tokenCacheSeconds) },
        anonymous: { enabled: settings.anonymous },
      },
      authorization: {
        mode: settings.authorization,
        webhook: {
          cacheAuthorizedTTL: goDuration(settings.allowedCacheSeconds),
          cacheUnauthorizedTTL: goDuration(settings.deniedCacheSeconds),
        },
      },
      enableDebuggingHandlers: settings.enableDebuggingHandlers,
      runtimeRequestTimeout: goDuration(settings.runtimeRequestTimeoutSeconds),
      featureGates: settings.featureGates,
      containerRuntimeEndpoint: endpoints.runtimeEndpoint,
      ...(endpoints.imageEndpoint && { imageServiceEndpoint: endpoints.imageEndpoint }),
    },
  });
}

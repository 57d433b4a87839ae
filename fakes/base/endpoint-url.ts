/**
 * Returns a CRI endpoint as a URL. As in crictl and kubelets, the path of a socket can be given without `unix://`.
 * @param endpoint a URL, or an absolute path
 */
export const endpointUrl = (endpoint: string): string => (endpoint.startsWith('/') ? `unix://${endpoint}` : endpoint);

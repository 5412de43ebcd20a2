const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Why a label key is not one in Kubernetes' sense (`[prefix/]name`), or undefined when it is. */
export function labelKeyError(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length > 1 ? parts.slice(0, -1).join('/') : undefined;
  if (prefix !== undefined && (!PREFIX.test(prefix) || prefix.length > 253)) {
    return `"${key}" is not a label key: the part before "/" must be a DNS name`;
  }
  if (NAME.test(name)) return undefined;
  return `"${key}" is not a label key: 1 to 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit`;
}

/** Why a label value is not one in Kubernetes' sense, or undefined when it is. The empty value is one. */
export function labelValueError(value: string): string | undefined {
  if (value === '' || NAME.test(value)) return undefined;
  return `"${value}" is not a label value: at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit`;
}

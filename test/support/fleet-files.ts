import type { Changes } from './git-repository.js';

/** A ConfigMap app of one file. */
export function configApp(
  name: string,
  data: Readonly<Record<string, string>>,
  spec = '{targets: [{all: true}], createNamespace: true}',
): Changes {
  return {
    [`${name}/flotilla.yaml`]: `kind: App\nmetadata: {name: ${name}}\nspec: ${spec}\n`,
    [`${name}/config.yaml`]: configMap(name, data),
  };
}

export function configMap(name: string, data: Readonly<Record<string, string>>): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${JSON.stringify(data)}\n`;
}

export function deployment(name: string, image: string, replicas = 1): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, image: "${image}"}]}
`;
}

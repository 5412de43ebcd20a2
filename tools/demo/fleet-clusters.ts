/** The clusters of the example company; labels and rings stand in the fleet repository. */
const NAMED = ['lab-1', 'eu-1', 'us-1', 'eu-2', 'us-2', 'ap-1'];
const REGIONS = ['eu', 'us', 'ap', 'sa', 'af'];

export interface DemoCluster {
  readonly name: string;
  /** Labels given at join; those of the fleet repository win. */
  readonly labels: Readonly<Record<string, string>>;
}

export function demoClusters(count: number): DemoCluster[] {
  return Array.from({ length: count }, (_, i) => {
    const region = REGIONS[i % REGIONS.length] ?? 'eu';
    const named = NAMED[i];
    if (named !== undefined) return { name: named, labels: {} };
    return { name: `${region}-${100 + i}`, labels: { env: 'prod', region, ring: '2' } };
  });
}

/** Clusters of the user's own kubeconfig: the first is the canary. */
export function contextClusters(contexts: readonly string[]): DemoCluster[] {
  return contexts.map((context, i) => {
    const name = context
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 63);
    return { name, labels: { env: i === 0 ? 'lab' : 'prod', region: 'eu', ring: String(Math.min(i, 2)) } };
  });
}

/* Generated from the hub’s controllers by `npm run codegen`. */

export interface paths {
    "/api/v1/whoami": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whose token this is */
        get: operations["whoAmI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live API tokens, without their secrets */
        get: operations["listTokens"];
        put?: never;
        /** Make an API token; its text is told once */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token by id or name */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, when and why; newest first */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A one-time token, and the YAML that installs an agent with it */
        post: operations["joinCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/rejoin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A token that gives a known cluster its identity back */
        post: operations["rejoinCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One cluster */
        get: operations["getCluster"];
        put?: never;
        post?: never;
        /** Remove a cluster: prune, orphan or gone */
        delete: operations["removeCluster"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Withdraw the certificates of a cluster; its session ends within seconds */
        post: operations["revokeCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop applying and healing on a cluster for a while */
        post: operations["suspendCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a suspension */
        post: operations["resumeCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the labels a cluster joined with; what selects by them follows */
        post: operations["labelCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Join tokens of the last day, without their secrets */
        get: operations["listJoinTokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join-tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Nobody joins with it any more */
        delete: operations["revokeJoinToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look at every source now */
        post: operations["refreshSources"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{source}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look at one source now */
        post: operations["refreshSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Generic webhook of a Git server: its body is not read, the source is looked at */
        post: operations["webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rollouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rollouts with their state and counts */
        get: operations["listRollouts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/rollout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Waves, counts and what blocks them */
        get: operations["getRollout"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/rollout/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Decisions and acts, oldest first; a page ends early when its lines name very many clusters */
        get: operations["getRolloutHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/rollout/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the planner would do now; changes nothing */
        get: operations["planRollout"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for a person to allow it, longest first */
        get: operations["listApprovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What blocks an app, the evidence with its age, what to do */
        get: operations["whyApp"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/removals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Targets that leave, or wait for a decision about it */
        get: operations["listRemovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/rollout/acts/{act}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Steer a rollout; refused with the reason when it does not apply */
        post: operations["actOnRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Clusters with their state and the age of what is known */
        get: operations["listClusters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Apps with their newest release and the states of their targets */
        get: operations["listApps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One app */
        get: operations["getApp"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/targets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Apps on clusters: what is desired, allowed, applied and live */
        get: operations["listTargets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/targets/{cluster}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One app on one cluster, with problems and drift per object */
        get: operations["getTarget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drifts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was changed by others in clusters, newest first */
        get: operations["listDrifts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/differences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is live against what is allowed, by cluster, object and field */
        get: operations["diffLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/differences/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changes from one release to another, by object and field */
        get: operations["diffReleases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which file or override set what a cluster gets of an app */
        get: operations["explainTarget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Releases, newest first */
        get: operations["listReleases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app}/releases/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One release of an app */
        get: operations["getRelease"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which version runs where since when */
        get: operations["listVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Git sources with their last good commit */
        get: operations["listSources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One source */
        get: operations["getSource"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/problems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is wrong in Git, with file, line and what to do */
        get: operations["listProblems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to targets, newest first */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Times in which waves may begin: open now or not, until when */
        get: operations["listWindows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process lives */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The database answers; says whether this hub leads */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live stream of changes (server-sent events) */
        get: operations["streamChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Health of the whole fleet in counts */
        get: operations["getSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Version and clock of the hub; needs no token */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        WhoAmIDto: {
            name: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
        };
        TokenDto: {
            id: string;
            name: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            usedAt: string | null;
        };
        TokenPageDto: {
            items: components["schemas"]["TokenDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        NewTokenDto: {
            /** @description Why, for the audit log. */
            reason?: string;
            /** @description Only say whether it applies. */
            dryRun?: boolean;
            /** @description The same id again does nothing and answers the same. */
            requestId?: string;
            name: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
            /** @description For example 24h or 90d; without it the token does not expire. */
            expiresIn?: string;
        };
        MadeTokenDto: {
            id: string;
            /** @description Told once, here. */
            token: string;
            /** @description False for a dry run: then there is no token. */
            done: boolean;
        };
        AuditDto: {
            id: string;
            /** Format: date-time */
            at: string;
            actor: string;
            action: string;
            subject: string;
            /** @enum {string} */
            outcome: "done" | "refused";
            reason: string;
            requestId: string | null;
            detail: {
                [key: string]: unknown;
            };
        };
        AuditPageDto: {
            items: components["schemas"]["AuditDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        JoinRequestDto: {
            /** @description Why, for the audit log. */
            reason?: string;
            /** @description Only say whether it applies. */
            dryRun?: boolean;
            /** @description The same id again does nothing and answers the same. */
            requestId?: string;
            /** @description Image of the agent. */
            image?: string;
            /**
             * @description What the agent may do: anything (clusterAdmin, the default), or what `flotilla agent rbac` prints.
             * @enum {string}
             */
            rbac?: "clusterAdmin" | "generated";
            /** @description Labels of the cluster. */
            labels?: {
                [key: string]: string;
            };
        };
        JoinDto: {
            cluster: string;
            /** @description False for a dry run: then there is no token and no manifest. */
            done: boolean;
            /** @description Works once. Told once, here. */
            token: string;
            joinAddress: string;
            /** Format: date-time */
            expiresAt: string | null;
            /** @description YAML to be piped into kubectl. */
            manifest: string;
        };
        ClusterActResultDto: {
            cluster: string;
            /** @enum {string} */
            act: "suspend" | "resume" | "revoke" | "label" | "remove";
            /** @description False for a dry run. */
            done: boolean;
            /** @description The request id was known: nothing was done again. */
            repeated: boolean;
        };
        ClusterActDto: {
            /** @description Why, for the audit log. */
            reason?: string;
            /** @description Only say whether it applies. */
            dryRun?: boolean;
            /** @description The same id again does nothing and answers the same. */
            requestId?: string;
        };
        SuspensionDto: {
            /** @description Why, for the audit log. */
            reason?: string;
            /** @description Only say whether it applies. */
            dryRun?: boolean;
            /** @description The same id again does nothing and answers the same. */
            requestId?: string;
            /** @description For how long, at most 24h; 1h without it. */
            for?: string;
        };
        LabelsDto: {
            /** @description Why, for the audit log. */
            reason?: string;
            /** @description Only say whether it applies. */
            dryRun?: boolean;
            /** @description The same id again does nothing and answers the same. */
            requestId?: string;
            /** @description Labels to set; null takes one away. Those of the Cluster document stay above them. */
            labels: {
                [key: string]: string | null;
            };
        };
        JoinTokenDto: {
            id: string;
            /** @description Name of the cluster that may join with it. */
            cluster: string;
            /** @enum {string} */
            purpose: "join" | "rejoin";
            /** @enum {string} */
            state: "waiting" | "used" | "expired" | "revoked";
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        JoinTokenPageDto: {
            items: components["schemas"]["JoinTokenDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        RefreshedDto: {
            source: string;
            /** @description The commit it points at now. */
            commit: string;
            /** @description Whether that is another one than before. */
            moved: boolean;
        };
        RefreshedPageDto: {
            items: components["schemas"]["RefreshedDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        RolloutReleaseDto: {
            number: number;
            source: string;
            commit: string;
            author: string;
            subject: string;
            /** Format: date-time */
            committedAt: string;
        };
        RolloutHeadDto: {
            app: string;
            release: components["schemas"]["RolloutReleaseDto"];
            /** @enum {string} */
            state: "running" | "paused" | "held" | "halted" | "rolledBack" | "done" | "superseded" | "aborted";
            /** Format: date-time */
            startedAt: string;
            /**
             * Format: date-time
             * @description Since when it is in this state.
             */
            changedAt: string;
            /** Format: date-time */
            endedAt: string | null;
            /** @description Release whose rollout came next; null for the newest. */
            replacedBy: number | null;
            /** @description First wave that is not done. */
            wave: string | null;
            targets: number;
            healthy: number;
            failed: number;
        };
        RolloutPageDto: {
            items: components["schemas"]["RolloutHeadDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        WaveDto: {
            name: string;
            /** @description empty, waiting, running, soaking, done or failed */
            phase: string;
            /** @description One target goes alone first, since no canary changed. */
            noCanary: boolean;
            targets: number;
            counts: {
                [key: string]: number;
            };
            maxConcurrent: number;
            maxFailures: number;
            soakMs: number;
            soakedMs: number;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
            clusters: string[];
        };
        BlockDto: {
            /** @description approval, soak, health, failureBudget, window, earlierWave, … */
            kind: string;
            /** @description Whom or what it waits for. */
            who: string;
            /** Format: date-time */
            since: string;
            /** @description What lets it go on. */
            unblocks: string;
            wave?: string;
            cluster?: string;
        };
        AllowedDto: {
            release: number;
            targets: number;
        };
        RolloutDto: {
            app: string;
            release: components["schemas"]["RolloutReleaseDto"];
            /** @enum {string} */
            state: "running" | "paused" | "held" | "halted" | "rolledBack" | "done" | "superseded" | "aborted";
            /** Format: date-time */
            startedAt: string;
            /**
             * Format: date-time
             * @description Since when it is in this state.
             */
            changedAt: string;
            /** Format: date-time */
            endedAt: string | null;
            /** @description Release whose rollout came next; null for the newest. */
            replacedBy: number | null;
            /** @description First wave that is not done. */
            wave: string | null;
            targets: number;
            healthy: number;
            failed: number;
            strategy: string;
            /** Format: date-time */
            nextLookAt: string | null;
            waves: components["schemas"]["WaveDto"][];
            /** @description Why it does not go on; empty when nothing holds it. */
            blockedBy: components["schemas"]["BlockDto"][];
            /** @description How many targets are allowed each release. */
            allowed: components["schemas"]["AllowedDto"][];
        };
        EvidenceDto: {
            cluster: string;
            /** @description Of the desired state that the report evaluated: generation.number. */
            version: string;
            /** @description First digits of the digest. */
            bundle: string;
            /** @description First digits of the digest. */
            policy: string;
            /** @description The connection that the report came on. */
            session: string;
            /** Format: date-time */
            reportedAt: string;
        };
        HistoryLineDto: {
            /** @description Number of the release that was rolled out. */
            release: number;
            /** Format: date-time */
            at: string;
            kind: string;
            wave: string | null;
            cluster: string | null;
            message: string;
            clusters: string[];
            /** @description Of `healthy` and `failed`: the reports that showed it. */
            evidence: components["schemas"]["EvidenceDto"][];
        };
        HistoryPageDto: {
            items: components["schemas"]["HistoryLineDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        PlannedDeletionsDto: {
            /** @description Targets on which something is deleted. */
            targets: number;
            /** @description Objects over all of them, as the bundles say; each agent asks beyond its budget. */
            objects: number;
        };
        PlanDto: {
            /** @description State of the rollout by this plan. */
            state: string;
            /** Format: date-time */
            nextLookAt: string | null;
            /** @description Clusters that get the release now. */
            assign: string[];
            /** @description Clusters that return to what was proven there. */
            return: string[];
            waves: components["schemas"]["WaveDto"][];
            blockedBy: components["schemas"]["BlockDto"][];
            /** @description What targets that are still to move would delete. */
            deletions: components["schemas"]["PlannedDeletionsDto"];
        };
        ApprovalDto: {
            /**
             * @description What is to be allowed: the entry of a wave, a deletion beyond the budget, the removal of an app.
             * @enum {string}
             */
            kind: "wave" | "deletion" | "removal";
            app: string;
            release: number | null;
            wave: string | null;
            cluster: string | null;
            /** @description Why a person is asked. */
            because: string;
            /** Format: date-time */
            since: string;
            objects: components["schemas"]["ObjectRefDto"][];
            /** @description What the deletion would take along beside the app's own objects, as the agent sees it while a person is asked. */
            obstacles: string[];
            /** @description Of a deletion: hash of the set, for approveDeletion. */
            deletionSet: string | null;
        };
        ApprovalPageDto: {
            items: components["schemas"]["ApprovalDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        CauseDto: {
            ref: components["schemas"]["ObjectRefDto"];
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            /** @description Empty when the object as such is new or gone. */
            field: string;
            /** @description JSON; null when there is none, and in Secrets. */
            before: string | null;
            /** @description JSON; null when there is none, and in Secrets. */
            after: string | null;
            /** @description Number of the release that brought it. */
            release: number;
            /** @description File in the source; null when it cannot be known. */
            file: string | null;
            line: number | null;
        };
        FailedTargetDto: {
            cluster: string;
            wave: string | null;
            reason: string;
            message: string;
            /** Format: date-time */
            failedAt: string;
            health: string | null;
            objects: number;
            objectsReady: number;
            problems: components["schemas"]["ObjectProblemDto"][];
            /**
             * Format: date-time
             * @description When what its agent reports last changed.
             */
            reportedAt: string | null;
            /**
             * Format: date-time
             * @description Age of the observation: when that was last confirmed, by a heartbeat too.
             */
            observedAt: string | null;
            bundle: string | null;
            /** @description Release that was proven healthy there last. */
            proven: number | null;
            /** @description What changed since that release; at most five fields. */
            causes: components["schemas"]["CauseDto"][];
        };
        UnhealthyTargetDto: {
            cluster: string;
            wave: string | null;
            allowed: number | null;
            applied: number | null;
            health: string | null;
            /** @description The worst that the agent reports. */
            problem: components["schemas"]["ObjectProblemDto"] | null;
            /**
             * Format: date-time
             * @description When what its agent reports last changed.
             */
            reportedAt: string | null;
            /**
             * Format: date-time
             * @description Age of the observation: when that was last confirmed, by a heartbeat too.
             */
            observedAt: string | null;
        };
        RemovalDto: {
            app: string;
            cluster: string;
            life: string;
            because: string;
            /** Format: date-time */
            since: string;
            objects: number;
            /** @description What the deletion would take along beside the app's own objects, as the agent sees it while a person is asked. */
            obstacles: string[];
        };
        WhyAppDto: {
            rollout: components["schemas"]["RolloutDto"] | null;
            failed: components["schemas"]["FailedTargetDto"][];
            unhealthy: components["schemas"]["UnhealthyTargetDto"][];
            removals: components["schemas"]["RemovalDto"][];
            /** @description Why the last good definition stays in force. */
            frozenBecause: string | null;
            /** @description Commands that help, most likely first. */
            next: string[];
        };
        RemovalPageDto: {
            items: components["schemas"]["RemovalDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        ActDto: {
            /** @description Wave it is about; the one that waits when left out. */
            wave?: string;
            cluster?: string;
            /** @description Of rollback: the release to return to. */
            release?: number;
            /** @description Of approveDeletion: hash of the set. */
            deletionSet?: string;
            /** @description Of suspendApp: 1h without it, at most 24h. */
            for?: string;
            reason?: string;
            /** @description The same id again does nothing and answers the same. */
            requestId?: string;
            /** @description Only say whether it applies. */
            dryRun?: boolean;
        };
        ActResultDto: {
            app: string;
            kind: string;
            release: number | null;
            wave: string | null;
            cluster: string | null;
            /** @description False for a dry run. */
            done: boolean;
            /** @description The request id was known: nothing was done again. */
            repeated: boolean;
        };
        ClusterDto: {
            name: string;
            /** @description connected, unknown (silent), joining, quarantined, rejoin or removing */
            state: string;
            stateReason: string;
            labels: {
                [key: string]: string;
            };
            /** @description What the agent states of its cluster. */
            facts: {
                [key: string]: string;
            };
            agentVersion: string | null;
            /** Format: date-time */
            joinedAt: string | null;
            /** Format: date-time */
            lastSeenAt: string | null;
            /**
             * Format: date-time
             * @description When the newest report came.
             */
            lastReportAt: string | null;
            /** Format: date-time */
            suspendedUntil: string | null;
            /** @description Version (generation.number) of the desired state. */
            desiredVersion: string;
            /** @description Version that the agent accepted last. */
            heldVersion: string;
            /** @description The version it refused last, and why. */
            rejected: {
                [key: string]: unknown;
            } | null;
            /** @description Targets by state. */
            targets: {
                [key: string]: number;
            };
        };
        ClusterPageDto: {
            items: components["schemas"]["ClusterDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        ReleaseSummaryDto: {
            number: number;
            commit: string;
            author: string;
            /** @description First line of the commit message. */
            subject: string;
            /** Format: date-time */
            committedAt: string;
            /** Format: date-time */
            createdAt: string;
        };
        RolloutSummaryDto: {
            /** @description Number of the release it moves to. */
            release: number;
            /** @enum {string} */
            state: "running" | "paused" | "halted" | "rolledBack" | "done" | "superseded" | "aborted";
            /** Format: date-time */
            startedAt: string;
        };
        AppDto: {
            name: string;
            /** @enum {string} */
            life: "active" | "leaving";
            namespace: string;
            project: string;
            /** @description Name of its rollout strategy; empty: the default. */
            strategy: string;
            /** Format: date-time */
            frozenSince: string | null;
            /** @description Why the last good definition stays in force. */
            frozenBecause: string;
            release: components["schemas"]["ReleaseSummaryDto"] | null;
            /** @description The newest rollout. */
            rollout: components["schemas"]["RolloutSummaryDto"] | null;
            /**
             * Format: date-time
             * @description When a report about it last changed.
             */
            lastReportAt: string | null;
            /**
             * Format: date-time
             * @description When the target that was confirmed longest ago was confirmed, by a report or a heartbeat.
             */
            observedAt: string | null;
            /** @description Targets by state. */
            targets: {
                [key: string]: number;
            };
        };
        AppPageDto: {
            items: components["schemas"]["AppDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        ObjectRefDto: {
            group: string;
            kind: string;
            namespace: string;
            name: string;
        };
        ObjectProblemDto: {
            ref: components["schemas"]["ObjectRefDto"];
            /** @description Reason, e.g. ImagePullBackOff or applyConflict. */
            code: string;
            message: string;
            summary: string;
        };
        DriftDto: {
            ref: components["schemas"]["ObjectRefDto"];
            /** @enum {string} */
            kind: "edited" | "deleted";
            /** @description JSON pointer; empty for a deletion. */
            field: string;
            /** @description JSON; empty for Secrets. */
            wanted: string;
            live: string;
            /** @description Field manager; empty when unknown. */
            manager: string;
            /** @description Unix ms by the cluster’s clock; 0 when unknown. */
            at: number;
            healed: boolean;
            /** @description Unix ms by the agent’s clock. */
            seenAt: number;
            /** @description Unix ms by the agent’s clock; 0 while it is not healed. */
            healedAt: number;
            /**
             * @description Why it is left as it is; empty when it is healed or about to be.
             * @enum {string}
             */
            left: "" | "reported" | "contested" | "suspended";
        };
        PlanCountsDto: {
            create: number;
            change: number;
            adopt: number;
            delete: number;
            conflict: number;
            wait: number;
            leave: number;
        };
        PlannedObjectDto: {
            ref: components["schemas"]["ObjectRefDto"];
            /** @enum {string} */
            action: "create" | "change" | "adopt" | "delete" | "conflict" | "wait";
            /** @description Field managers it would be taken over from. */
            managers: string[];
            /** @description Why, for conflicts and waits. */
            because: string;
        };
        ObservedPlanDto: {
            counts: components["schemas"]["PlanCountsDto"];
            /** @description Without what would be left as it is; may be cut. */
            objects: components["schemas"]["PlannedObjectDto"][];
        };
        TargetDto: {
            app: string;
            cluster: string;
            labels: {
                [key: string]: string;
            };
            /** @enum {string} */
            state: "healthy" | "progressing" | "failed" | "drifted" | "updating" | "pending" | "suspended" | "leaving" | "unknown";
            /** @enum {string} */
            health: "healthy" | "progressing" | "failed" | "unknown";
            phase: string | null;
            /** @description Why the cluster is a target. */
            matchedBy: string;
            /** @enum {string} */
            life: "active" | "leaving" | "asked" | "orphaned" | "pruned";
            lifeBecause: string;
            /** @description Newest release for it. */
            desiredRelease: number | null;
            /** @description Release it may run now. */
            allowedRelease: number | null;
            /** Format: date-time */
            allowedAt: string | null;
            /** @description Release of the last complete pass. */
            appliedRelease: number | null;
            /** Format: date-time */
            appliedAt: string | null;
            /**
             * Format: date-time
             * @description Since when its health is what it is.
             */
            healthAt: string | null;
            /**
             * Format: date-time
             * @description When what its agent reports last changed.
             */
            reportedAt: string | null;
            /**
             * Format: date-time
             * @description Age of the observation: when that was last confirmed, by a heartbeat too.
             */
            observedAt: string | null;
            objects: number;
            objectsReady: number;
            drifted: number;
            problems: components["schemas"]["ObjectProblemDto"][];
            drifts: components["schemas"]["DriftDto"][];
            /** @description In mode observe: what applying the app would do. */
            plan: components["schemas"]["ObservedPlanDto"] | null;
            /** @description What waits for an approval to be deleted. */
            deletions: components["schemas"]["ObjectRefDto"][];
            /** @description Short digest of the applied bundle. */
            bundle: string | null;
        };
        TargetPageDto: {
            items: components["schemas"]["TargetDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        DriftRecordDto: {
            id: string;
            app: string;
            cluster: string;
            ref: components["schemas"]["ObjectRefDto"];
            /** @enum {string} */
            kind: "edited" | "deleted";
            /** @description JSON pointer; empty for a deletion. */
            field: string;
            /** @description JSON; empty for Secrets and for a field that is not wanted. */
            wanted: string;
            /** @description JSON; empty for Secrets and for a field that is not there. */
            live: string;
            /** @description Field manager; empty when unknown. */
            manager: string;
            /**
             * Format: date-time
             * @description When it was changed, by the cluster’s clock.
             */
            at: string | null;
            /**
             * @description open: about to be healed. reported: a rule leaves it. contested: somebody changes it back and back, healing waits. suspended: nothing is healed for a while. healed. gone: it went away by itself.
             * @enum {string}
             */
            state: "open" | "healed" | "reported" | "contested" | "suspended" | "gone";
            /**
             * Format: date-time
             * @description When the agent noticed it, by its own clock.
             */
            seenAt: string;
            /**
             * Format: date-time
             * @description When it was over.
             */
            endedAt: string | null;
        };
        DriftRecordPageDto: {
            items: components["schemas"]["DriftRecordDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        FieldChangeDto: {
            /** @description For people: `spec.template.spec.containers[web].image`; of drift a JSON pointer. */
            field: string;
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            /** @description JSON; null when there is none, and in Secrets. */
            before: string | null;
            /** @description JSON; null when there is none, and in Secrets. */
            after: string | null;
        };
        ObjectChangeDto: {
            ref: components["schemas"]["ObjectRefDto"];
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            /** @description Empty for an object that is new or gone. */
            fields: components["schemas"]["FieldChangeDto"][];
        };
        LiveDifferenceDto: {
            /** @description Clusters with this very difference. */
            clusters: string[];
            objects: components["schemas"]["ObjectChangeDto"][];
            /** @description How it is applied and judged. */
            policy: components["schemas"]["FieldChangeDto"][];
            /**
             * @description From what was applied, or from what is live, to what is allowed.
             * @enum {string}
             */
            kind: "notApplied" | "drift";
            /**
             * Format: date-time
             * @description When the one of these clusters that was confirmed longest ago was.
             */
            observedAt: string;
        };
        AppDifferenceDto: {
            app: string;
            items: components["schemas"]["LiveDifferenceDto"][];
            /** @description Clusters that have not said anything yet. */
            unobserved: string[];
        };
        PartDifferenceDto: {
            /** @description Clusters with this very difference. */
            clusters: string[];
            objects: components["schemas"]["ObjectChangeDto"][];
            /** @description How it is applied and judged. */
            policy: components["schemas"]["FieldChangeDto"][];
        };
        ReleaseDifferenceDto: {
            app: string;
            from: number;
            to: number;
            /** @description Both and those between them, ascending. */
            releases: components["schemas"]["ReleaseSummaryDto"][];
            /** @description Empty when there is no difference. */
            items: components["schemas"]["PartDifferenceDto"][];
        };
        ExplainedSettingDto: {
            /** @enum {string} */
            field: "path" | "namespace" | "serviceAccount";
            value: string;
            /** @description Name of the override; null: the app itself. */
            override: string | null;
        };
        ExplainedOverrideDto: {
            name: string;
            /** @description Which clusters it is for. */
            choice: string;
            applies: boolean;
        };
        ExplainedStepDto: {
            /** @enum {string} */
            by: "content" | "patch" | "substitute";
            /** @description Name of the override; null: the app itself. */
            override: string | null;
            /** @description Of `content` where it is written, else where the app is defined. */
            file: string;
            line: number;
            /** @description Field of the definition; empty for `content`. */
            field: string;
            /** @description As JSON; null when gone, and always of Secrets. */
            value: string | null;
        };
        ExplainedFieldDto: {
            ref: components["schemas"]["ObjectRefDto"];
            /** @description In their order: the last one set the value. */
            steps: components["schemas"]["ExplainedStepDto"][];
        };
        ExplanationDto: {
            app: string;
            cluster: string;
            /** @description Why the cluster is selected; null: it is not. */
            matchedBy: string | null;
            source: string;
            /** @description At which the content is read. */
            commit: string;
            /** @description Where the app is defined. */
            file: string;
            line: number;
            settings: components["schemas"]["ExplainedSettingDto"][];
            /** @description In their order. */
            overrides: components["schemas"]["ExplainedOverrideDto"][];
            /** @description Objects that have the field. */
            fields: components["schemas"]["ExplainedFieldDto"][];
        };
        ReleaseDto: {
            app: string;
            number: number;
            /** @description Name of the source the content came from. */
            source: string;
            commit: string;
            author: string;
            subject: string;
            /** Format: date-time */
            committedAt: string;
            /** Format: date-time */
            createdAt: string;
            /** @description Different object sets among its targets. */
            bundles: number;
            /** @description Clusters it has a part for. */
            clusters: number;
        };
        ReleasePageDto: {
            items: components["schemas"]["ReleaseDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        VersionDto: {
            app: string;
            cluster: string;
            release: number | null;
            commit: string | null;
            subject: string | null;
            /** Format: date-time */
            since: string | null;
            /** Format: date-time */
            reportedAt: string | null;
            /** Format: date-time */
            observedAt: string | null;
        };
        VersionPageDto: {
            items: components["schemas"]["VersionDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        SourceDto: {
            name: string;
            /** @enum {string} */
            role: "fleet" | "content";
            url: string;
            ref: string;
            /** @description Last good commit. */
            commit: string | null;
            author: string;
            subject: string;
            /** Format: date-time */
            committedAt: string | null;
            /**
             * Format: date-time
             * @description When the hub first saw that commit.
             */
            movedAt: string | null;
            /**
             * Format: date-time
             * @description When the source last answered.
             */
            checkedAt: string | null;
            /** Format: date-time */
            failingSince: string | null;
            failure: string;
        };
        SourcePageDto: {
            items: components["schemas"]["SourceDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        ProblemDto: {
            id: string;
            /** @enum {string} */
            origin: "definition" | "match" | "render" | "source";
            code: string;
            /** @enum {string} */
            severity: "error" | "warning";
            /** @description Kind of what is frozen, e.g. App. */
            subjectKind: string;
            subjectName: string;
            source: string;
            commit: string;
            file: string;
            line: number;
            column: number;
            field: string;
            message: string;
            /** @description What to do. */
            hint: string;
            /** @description Clusters it concerns; empty: all of its subject. */
            clusters: string[];
            /** Format: date-time */
            since: string;
        };
        ProblemPageDto: {
            items: components["schemas"]["ProblemDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        EventDto: {
            id: string;
            /** Format: date-time */
            at: string;
            app: string;
            cluster: string;
            /** @description allowed, applied, health, drift, … */
            kind: string;
            release: number | null;
            detail: {
                [key: string]: unknown;
            };
        };
        EventPageDto: {
            items: components["schemas"]["EventDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        WindowSpanDto: {
            /** @description When it begins. */
            cron: string;
            durationMs: number;
            timeZone: string;
        };
        WindowDto: {
            name: string;
            /** @description Whether a wave that names it may begin now. */
            open: boolean;
            /**
             * Format: date-time
             * @description When that may change; null: never.
             */
            changesAt: string | null;
            allow: components["schemas"]["WindowSpanDto"][];
            /** @description Binds what it is about without being named. */
            deny: components["schemas"]["WindowSpanDto"][];
            /** @description Clusters it is about; empty: all. */
            selector: string;
            /** @description Apps it is about; empty: all. */
            apps: string[];
            file: string;
            line: number;
            /** @description Why the last good definition stays in force. */
            frozenBecause: string;
        };
        WindowPageDto: {
            items: components["schemas"]["WindowDto"][];
            /** @description Give it as `after` to read on; null at the end. */
            next: string | null;
        };
        HealthDto: {
            /** @enum {string} */
            status: "ok";
        };
        ReadinessDto: {
            /** @enum {string} */
            status: "ok";
            /** @enum {string} */
            role: "leader" | "standby";
        };
        HubStateDto: {
            /** @enum {string} */
            role: "leader" | "standby";
            /** @enum {string} */
            mode: "normal" | "timeTravel";
            reason: string | null;
            /** Format: date-time */
            since: string | null;
        };
        SummaryDto: {
            hub: components["schemas"]["HubStateDto"];
            /** @description True when every target is healthy and nothing waits for a person. */
            healthy: boolean;
            /** @description Clusters by state. */
            clusters: {
                [key: string]: number;
            };
            /** @description Targets by state. */
            targets: {
                [key: string]: number;
            };
            /** @description Running rollouts by state. */
            rollouts: {
                [key: string]: number;
            };
            /** @description Problems by severity. */
            problems: {
                [key: string]: number;
            };
        };
        HubVersionDto: {
            version: string;
            /**
             * Format: date-time
             * @description The clock of the hub, so that a client can tell how far its own is off.
             */
            now: string;
        };
        ProblemDetails: {
            /** @description `urn:flotilla:fault:CODE` */
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @description badInput, notFound, conflict, notApplicable, … */
            code: string;
            /** @description What to do. */
            hint?: string;
            /** @description Of a body or query that is not valid: every fault. */
            errors?: string[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    whoAmI: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhoAmIDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTokenDto"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeTokenDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: {
                /** @description Why, for the audit log. */
                reason?: string;
                /** @description Only say whether it applies. */
                dryRun?: boolean;
                /** @description The same id again does nothing and answers the same. */
                requestId?: string;
            };
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                actor?: string;
                /** @description `cluster` or `cluster.join` */
                action?: string;
                subject?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    joinCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinRequestDto"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    rejoinCluster: {
        parameters: {
            query?: {
                /** @description Why, for the audit log. */
                reason?: string;
                /** @description Only say whether it applies. */
                dryRun?: boolean;
                /** @description The same id again does nothing and answers the same. */
                requestId?: string;
                /** @description Image of the agent. */
                image?: string;
                /** @description What the agent may do: anything (clusterAdmin, the default), or what `flotilla agent rbac` prints. */
                rbac?: "clusterAdmin" | "generated";
            };
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    removeCluster: {
        parameters: {
            query: {
                /** @description Why, for the audit log. */
                reason?: string;
                /** @description Only say whether it applies. */
                dryRun?: boolean;
                /** @description The same id again does nothing and answers the same. */
                requestId?: string;
                /** @description prune deletes what apps own, orphan lets it live, gone does not wait for the agent. */
                mode: "prune" | "orphan" | "gone";
            };
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterActResultDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    revokeCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterActDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterActResultDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    suspendCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuspensionDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterActResultDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    resumeCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterActDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterActResultDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    labelCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelsDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterActResultDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listJoinTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinTokenPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    revokeJoinToken: {
        parameters: {
            query?: {
                /** @description Why, for the audit log. */
                reason?: string;
                /** @description Only say whether it applies. */
                dryRun?: boolean;
                /** @description The same id again does nothing and answers the same. */
                requestId?: string;
            };
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    refreshSources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshedPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    refreshSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshedPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshedPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listRollouts: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                /** @description All rollouts of this app, newest first; without it the newest of each app. */
                app?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RolloutPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getRollout: {
        parameters: {
            query?: {
                /** @description The rollout of this release; the newest without it. */
                release?: number;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RolloutDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getRolloutHistory: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                /** @description Only of the rollout of this release. */
                release?: number;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    planRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listApprovals: {
        parameters: {
            query?: {
                app?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    whyApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhyAppDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listRemovals: {
        parameters: {
            query?: {
                app?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovalPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    actOnRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                act: "approve" | "pause" | "resume" | "promote" | "retry" | "skip" | "abort" | "rollback" | "hold" | "clear" | "overrideWindow" | "approveDeletion" | "approveRemoval" | "orphanRemoval" | "cancelRemoval" | "suspendApp" | "resumeApp";
                app: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActResultDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listClusters: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                /** @description Label selector in the syntax of kubectl. */
                selector?: string;
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listApps: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                /** @description Only apps, and only targets, on clusters with these labels. */
                selector?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listTargets: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                app?: string;
                cluster?: string;
                /** @description Label selector over clusters. */
                selector?: string;
                state?: "healthy" | "progressing" | "failed" | "drifted" | "updating" | "pending" | "suspended" | "leaving" | "unknown";
                /** @description Everything that is not healthy. */
                unhealthy?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TargetPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getTarget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TargetDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listDrifts: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                app?: string;
                cluster?: string;
                /** @description Label selector over clusters. */
                selector?: string;
                /** @description Only what is not over. */
                open?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftRecordPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    diffLive: {
        parameters: {
            query?: {
                /** @description Only this cluster. */
                cluster?: string;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppDifferenceDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    diffReleases: {
        parameters: {
            query: {
                /** @description Only this cluster. */
                cluster?: string;
                /** @description Number of a release. */
                from: number;
                /** @description Number of a release. */
                to: number;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDifferenceDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    explainTarget: {
        parameters: {
            query: {
                cluster: string;
                /** @description `spec.replicas`, `containers[web].image`, `metadata.annotations["a.b/c"]`: who set it. */
                field?: string;
            };
            header?: never;
            path: {
                app: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplanationDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listReleases: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                app?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleasePageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getRelease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                app: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listVersions: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                app?: string;
                cluster?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listSources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourcePageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listProblems: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                /** @description Name of an app or other definition. */
                subject?: string;
                severity?: "error" | "warning";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                limit?: unknown;
                /** @description `next` of the page before. */
                after?: string;
                app?: string;
                cluster?: string;
                /** @description For example 1h. */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listWindows: {
        parameters: {
            query?: {
                /** @description Only windows that are about this app. */
                app?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WindowPageDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadinessDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    streamChanges: {
        parameters: {
            query?: {
                /** @description Only changes of this app. */
                app?: string;
                /** @description Only changes on this cluster. */
                cluster?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getSummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SummaryDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubVersionDto"];
                };
            };
            /** @description It was not done */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
}

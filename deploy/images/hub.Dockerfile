# docker build -f deploy/images/hub.Dockerfile -t flotilla/hub .
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npx tsx tools/build.ts && npm prune --omit=dev

FROM node:24-slim
# git follows sources; kustomize renders them.
RUN apt-get update && apt-get install -y --no-install-recommends git openssh-client ca-certificates curl \
  && curl -fsSL https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.0/kustomize_v5.8.0_linux_$(dpkg --print-architecture).tar.gz \
  | tar xz -C /usr/local/bin kustomize && apt-get purge -y curl && rm -rf /var/lib/apt/lists/* \
  # ssh works for users that have a name and a home only.
  && useradd --uid 65532 --user-group --create-home --shell /usr/sbin/nologin flotilla
WORKDIR /app
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/libs libs
COPY --from=build /src/apps/hub apps/hub
USER 65532:65532
ENV NODE_ENV=production
# A push to a thousand clusters makes much that is soon forgotten: with more room for it a third less time goes by.
ENTRYPOINT ["node", "--max-semi-space-size=32", "--enable-source-maps", "apps/hub/dist/main.js"]

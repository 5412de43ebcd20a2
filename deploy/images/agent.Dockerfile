# docker build -f deploy/images/agent.Dockerfile -t flotilla/agent .
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npx tsx tools/build.ts

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /src/apps/agent/dist/flotilla-agent.mjs /flotilla-agent.mjs
ENV NODE_ENV=production
CMD ["/flotilla-agent.mjs"]

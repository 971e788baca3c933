# The program in one image; PUNCTUAL_ROLES says what a container of it does (docs/configuration.md).
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --omit=optional && rm -rf core/dist/test sdk/dist/test sdk/create adapters/*/dist/test apps/*/dist/test

# What runs, without what builds it.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY . .
RUN npm ci --omit=dev --omit=optional --ignore-scripts --workspace=@punctual/standalone --workspace=@punctual/cli --workspace=@punctual/functions --workspace=@punctual/adapter-redis

# Node and what it needs: no shell, no package manager, nobody's user.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
ENV NODE_ENV=production PUNCTUAL_HOST=0.0.0.0 PATH=/nodejs/bin
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/package.json package.json
COPY --from=build /app/core core
COPY --from=build /app/sdk sdk
COPY --from=build /app/adapters adapters
COPY --from=build /app/apps apps
USER 65532
EXPOSE 7700
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PUNCTUAL_PORT ?? 7700) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "apps/standalone/dist/src/main.js"]

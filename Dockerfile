# The gateway as an image: docker build -t lookalike .
#
#   docker run -p 127.0.0.1:4000:4000 -v lookalike:/data -e LOOKALIKE_API_KEYS=admin:$(openssl rand -hex 24) lookalike

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY schema schema
RUN npm run -s build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/schema schema
RUN ln -s /app/dist/bin.js /usr/local/bin/lookalike && chmod +x dist/bin.js && install -d -o node -m 700 /data /backup
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=32 HOST=0.0.0.0 PORT=4000 LOOKALIKE_DATA_DIR=/data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --start-period=30s CMD ["lookalike", "health"]
CMD ["lookalike", "serve"]

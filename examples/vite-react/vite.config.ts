import { defineConfig } from 'vite';

/** Where the gateway is. The page asks its own server, which passes these paths on: nothing crosses origins. */
const GATEWAY = 'http://127.0.0.1:4000';

export default defineConfig({
  server: { proxy: { '/graphql': GATEWAY, '/files': GATEWAY, '/thumbnails': GATEWAY } },
});
